/** @file EmoBank: sentences rated for valence, arousal and dominance by people, the outside measure of the affect head. */
import { CorpusReader } from "../corpus-reader.js";
import type { LoadedCorpus, Split } from "../example.js";
import { dataFolder } from "../folders.js";

const file = "emobank.csv";
const splits: Readonly<Record<string, Split>> = { train: "train", dev: "validation", test: "test" };

/**
 * Loads EmoBank; ratings x on 1 to 5 become (x − 1) / 4.
 * @throws DATA_NOT_FOUND, DATA_INVALID
 * @source Buechel & Hahn, EACL 2017; github.com/JULIELab/EmoBank
 */
export async function loadEmoBank(folder = dataFolder("emobank")): Promise<LoadedCorpus> {
  const reader = new CorpusReader(
    "emobank",
    folder,
    "run `attune fetch emobank`, or set ATTUNE_DATA to the folder that holds emobank/",
  );
  for (const { line, fields } of await reader.csv(file, ["id", "split", "V", "A", "D", "text"])) {
    const { id = "", text = "" } = fields;
    const split = splits[fields.split ?? ""];
    const [valence, arousal, dominance] = [fields.V, fields.A, fields.D].map(scale);
    if (!split)
      reader.reject(file, line, `split: expected train, dev or test, got ${JSON.stringify(fields.split)}`);
    else if (valence === undefined || arousal === undefined || dominance === undefined) {
      reader.reject(file, line, `expected V, A and D from 1 to 5, got ${fields.V}, ${fields.A}, ${fields.D}`);
    } else {
      const emobank = [valence, arousal, dominance] as const;
      reader.add({ id: `emobank/${id}`, text, split, slice: "emobank", emobank }, file, line);
    }
  }
  return reader.finish();
}

const scale = (rating: string | undefined): number | undefined => {
  const value = rating?.trim() ? Number(rating) : Number.NaN;
  return value >= 1 && value <= 5 ? (value - 1) / 4 : undefined;
};
