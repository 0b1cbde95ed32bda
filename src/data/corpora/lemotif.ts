/** @file LEMOTIF: journal entries by people who marked their own feelings; an optional corpus of partial labels. */
import { type EmotionId, emotionIndex } from "../../emotion/taxonomy.js";
import { CorpusReader, splitByText } from "../corpus-reader.js";
import type { LoadedCorpus } from "../example.js";
import { dataFolder } from "../folders.js";

const file = "lemotif-data-cleaned-flat.csv";

/** The published feelings and our class for each; `nostalgic` has none. */
const classes: Readonly<Record<string, EmotionId>> = {
  afraid: "fear",
  angry: "anger",
  anxious: "anxiety",
  ashamed: "shame",
  awkward: "embarrassment",
  bored: "boredom",
  calm: "serenity",
  confused: "confusion",
  disgusted: "disgust",
  excited: "excitement",
  frustrated: "frustration",
  happy: "joy",
  jealous: "jealousy",
  proud: "pride",
  sad: "sadness",
  satisfied: "satisfaction",
  surprised: "surprise",
};

const columnOf = (feeling: string): string => `Answer.f1.${feeling}.raw`;

/**
 * Loads LEMOTIF as partial labels. It is published without a split: one follows from the text.
 * @throws DATA_NOT_FOUND, DATA_INVALID
 * @source Li & Parikh, 2020; github.com/xaliceli/lemotif
 */
export async function loadLemotif(folder = dataFolder("lemotif")): Promise<LoadedCorpus> {
  const reader = new CorpusReader(
    "lemotif",
    folder,
    "run `attune fetch lemotif`, or set ATTUNE_DATA to the folder that holds lemotif/",
  );
  const feelings = Object.entries(classes).map(
    ([feeling, id]) => [columnOf(feeling), emotionIndex(id) ?? -1] as const,
  );
  const among = feelings.map(([, index]) => index).sort((a, b) => a - b);
  for (const { line, fields } of await reader.csv(file, ["Answer", ...feelings.map(([column]) => column)])) {
    const flags = feelings.map(([column]) => fields[column]?.toUpperCase());
    if (flags.some((flag) => flag !== "TRUE" && flag !== "FALSE")) {
      reader.reject(file, line, "expected TRUE or FALSE for every feeling");
      continue;
    }
    const holds = feelings.flatMap(([, index], i) => (flags[i] === "TRUE" ? [index] : []));
    const { Answer: text = "" } = fields;
    if (holds.length === 0) reader.countUnlabelled();
    else {
      const partial = { holds, among };
      reader.add(
        { id: `lemotif/${line}`, text, split: splitByText(text), slice: "journal", partial },
        file,
        line,
      );
    }
  }
  return reader.finish();
}
