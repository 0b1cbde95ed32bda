/** @file What `attune fetch` can get: where each thing lives in public, pinned, and the hashes of its files. */
import { dataFolder, modelFolder } from "./folders.js";

/** One file of a source. */
export interface SourceFile {
  /** Name below the home and in the folder. */
  readonly name: string;
  /** Size as published, for the progress bar. */
  readonly bytes: number;
  /** SHA-256 of the published file first, then of other versions known to be good. */
  readonly sha256: readonly string[];
}

/** A data set or base encoder with its public home. */
export interface Source {
  readonly title: string;
  readonly licence: string;
  /** Where the files lie, at a pinned revision; ends with a slash. */
  readonly home: string;
  /** The folder the loaders look in. */
  readonly folder: () => string;
  readonly files: readonly SourceFile[];
}

const file = (name: string, bytes: number, ...sha256: readonly string[]): SourceFile => ({
  name,
  bytes,
  sha256,
});

/** Sources by the name `attune fetch` takes. */
export const sources = {
  goemotions: {
    title: "GoEmotions (Demszky et al., 2020), 58,000 Reddit comments with 27 emotions and neutral",
    licence: "CC BY 4.0",
    home: "https://raw.githubusercontent.com/google-research/google-research/8dadc6c56e2c2e51a9dd7e0d4bf2840922b4b6c0/goemotions/data/",
    folder: () => dataFolder("goemotions"),
    files: [
      file("emotions.txt", 248, "45c3ef86782d2a4d7fedcd6d8c111aa0d0e94720689bd164fac94fefb4495a89"),
      file("train.tsv", 3_519_053, "1c254a142be5c00e80d819b9ae1bbd36d94b2eeb8f4b1271846508d57e57d9c5"),
      file("dev.tsv", 439_059, "575489c079c9de1097062a01738f998590d6b7ead66dd1c9fd1d2ba01fd8bc62"),
      file("test.tsv", 436_706, "0587b2dd8b27b97352adbfc3fb083d46005c8946657fdc2b1ca8b1cc7f1f8be4"),
    ],
  },
  emobank: {
    title: "EmoBank (Buechel & Hahn, 2017), 10,000 sentences rated for valence, arousal and dominance",
    licence: "CC BY-SA 4.0",
    home: "https://raw.githubusercontent.com/JULIELab/EmoBank/248ce2a43e165a66d31aeaed83cff9641d6654e0/corpus/",
    folder: () => dataFolder("emobank"),
    files: [
      file("emobank.csv", 1_335_010, "1ade4a4a453e880c0f39d0536d2b355e8a716e0cf88236c64cdb4d438cf9605b"),
    ],
  },
  xed: {
    title: "XED (Öhman et al., 2020), film subtitles with 8 emotions and neutral",
    licence: "CC BY 4.0",
    // The two files came in different commits; the branch holds both, and their hashes pin them.
    home: "https://raw.githubusercontent.com/Helsinki-NLP/XED/master/AnnotatedData/",
    folder: () => dataFolder("xed"),
    files: [
      file("en-annotated.tsv", 783_663, "26ac0254fbdb8b09cf2b00d44041d9084ece31bd200ae7c0e0662fbd8b037d98"),
      file("neu_en.txt", 314_079, "6e8b38af83b80fb64ec1139007973b1f09ec16d48549e82de22423cdba259f08"),
    ],
  },
  lemotif: {
    title: "Lemotif (Li & Parikh, 2020), journal entries with the feelings their writers marked",
    licence: "MIT",
    home: "https://raw.githubusercontent.com/xaliceli/lemotif/a8e5494323023c6a82367c572e49a3b9315fe44e/assets/data/",
    folder: () => dataFolder("lemotif"),
    files: [
      file(
        "lemotif-data-cleaned-flat.csv",
        504_314,
        "f7b142c8b01d3b031c683ed90585f2fba18b4239da9816b1340a46ac29fee168",
      ),
    ],
  },
  minilm: {
    title: "all-MiniLM-L6-v2, the small base encoder (22.7 M parameters)",
    licence: "Apache-2.0",
    home: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/",
    folder: () => modelFolder("minilm"),
    files: [
      file("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
      file("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
      file("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
      file(
        "model.safetensors",
        90_868_376,
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        // The same weights rounded to F16, half the size.
        "553c9ff2a4d968014fb1c66fdb6f2c9dc19b3ac2360ba58a51c69e177e55d765",
      ),
    ],
  },
  mpnet: {
    title: "all-mpnet-base-v2, the large base encoder (109 M parameters)",
    licence: "Apache-2.0",
    home: "https://huggingface.co/sentence-transformers/all-mpnet-base-v2/resolve/e8c3b32edf5434bc2275fc9bab85f82640a19130/",
    folder: () => modelFolder("mpnet"),
    files: [
      file("config.json", 571, "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0"),
      file("tokenizer.json", 466_021, "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"),
      file("tokenizer_config.json", 363, "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268"),
      file(
        "model.safetensors",
        437_971_872,
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
      ),
    ],
  },
} as const satisfies Readonly<Record<string, Source>>;

/** A name `attune fetch` takes. */
export type SourceName = keyof typeof sources;

/** Whether a string is one of them. */
export function isSourceName(name: string): name is SourceName {
  return Object.hasOwn(sources, name);
}
