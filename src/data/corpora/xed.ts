/** @file XED: film subtitles labelled by people with Plutchik's eight emotions; an optional corpus of partial labels. */
import { type EmotionId, emotionIndex } from "../../emotion/taxonomy.js";
import { CorpusReader, splitByText } from "../corpus-reader.js";
import type { LoadedCorpus } from "../example.js";
import { dataFolder } from "../folders.js";

/** Published numbers and our class for each; anticipation (2) and trust (8) have none. */
const classes: Readonly<Record<string, EmotionId | undefined>> = {
  1: "anger",
  2: undefined,
  3: "disgust",
  4: "fear",
  5: "joy",
  6: "sadness",
  7: "surprise",
  8: undefined,
};

/**
 * Loads XED's English part as partial labels. It is published without a split: one follows from the text.
 * @throws DATA_NOT_FOUND, DATA_INVALID
 * @source Öhman et al., COLING 2020; github.com/Helsinki-NLP/XED
 */
export async function loadXed(folder = dataFolder("xed")): Promise<LoadedCorpus> {
  const reader = new CorpusReader(
    "xed",
    folder,
    "run `attune fetch xed`, or set ATTUNE_DATA to the folder that holds xed/",
  );
  const neutral = emotionIndex("neutral") ?? -1;
  const indexOf = (id: EmotionId | undefined): number[] => (id === undefined ? [] : [emotionIndex(id) ?? -1]);
  const among = [...Object.values(classes).flatMap(indexOf), neutral].sort((a, b) => a - b);
  const add = (text: string, holds: readonly number[], file: string, line: number): void => {
    const example = { id: `xed/${file}:${line}`, text, split: splitByText(text), slice: "subtitles" };
    if (holds.length === 0) reader.countUnlabelled();
    else reader.add({ ...example, partial: { holds, among } }, file, line);
  };

  for (const { line, text: row } of await reader.lines("en-annotated.tsv")) {
    const [text = "", labels, ...rest] = row.split("\t");
    const numbers = labels?.split(",").map((part) => part.trim()) ?? [];
    if (rest.length > 0 || numbers.length === 0 || !numbers.every((number) => number in classes)) {
      reader.reject("en-annotated.tsv", line, "expected a text, a tab and numbers from 1 to 8");
    } else {
      const holds = [...new Set(numbers)].flatMap((number) => indexOf(classes[number]));
      add(text, holds, "en-annotated.tsv", line);
    }
  }
  for (const { line, text: row } of await reader.lines("neu_en.txt")) {
    const [label, text, ...rest] = row.split("\t");
    if (label !== "9" || !text || rest.some((field) => field !== "")) {
      reader.reject("neu_en.txt", line, "expected 9, a tab and a text");
    } else add(text, [neutral], "neu_en.txt", line);
  }
  return reader.finish();
}
