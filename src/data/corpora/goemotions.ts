/** @file GoEmotions in both published layouts: the filtered splits (`train.tsv` …) and the raw ratings (`goemotions_1.csv` …). */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { goEmotionLabels } from "../../emotion/goemotions.js";
import { CorpusReader, splitByText } from "../corpus-reader.js";
import type { LoadedCorpus, Split } from "../example.js";
import { dataFolder } from "../folders.js";
import { loadMapping, type MappingMode, mapGoEmotions } from "../mapping.js";

const remedy = "run `attune fetch goemotions`, or set ATTUNE_DATA to the folder that holds goemotions/";

const splitFiles: readonly (readonly [string, Split])[] = [
  ["train.tsv", "train"],
  ["dev.tsv", "validation"],
  ["test.tsv", "test"],
];

/** Raters that must agree on a label before it counts, as in the published filtering. */
const raters = 2;

/** How GoEmotions is loaded. */
export interface GoEmotionsOptions {
  readonly folder?: string;
  /** Whether labels also become partial labels of the 41 classes, and which lines of the mapping are used. */
  readonly mapping?: MappingMode;
}

/**
 * Loads GoEmotions, every label of a row kept. Of the raw ratings, a comment keeps the labels two raters chose, and its
 * split follows from its text (they are published without one).
 * @throws DATA_NOT_FOUND, DATA_INVALID
 * @source Demszky et al., ACL 2020; github.com/google-research/google-research/tree/master/goemotions
 */
export async function loadGoEmotions(options: GoEmotionsOptions = {}): Promise<LoadedCorpus> {
  const folder = options.folder ?? dataFolder("goemotions");
  const reader = new CorpusReader("goemotions", folder, remedy);
  const mapping = await loadMapping(options.mapping ?? "off");
  const add = (
    id: string,
    text: string,
    split: Split,
    labels: readonly number[],
    file: string,
    line: number,
  ): void => {
    const partial = mapGoEmotions(labels, mapping);
    const example = { id: `goemotions/${id}`, text, split, slice: "reddit", goemotions: labels };
    reader.add(partial ? { ...example, partial } : example, file, line);
  };

  if (existsSync(join(folder, "train.tsv"))) {
    const names = await readNames(reader, folder);
    for (const [file, split] of splitFiles) {
      for (const { line, text: row } of await reader.lines(file)) {
        const [text, labels, id, ...rest] = row.split("\t");
        if (text === undefined || !labels || !id || rest.length > 0) {
          reader.reject(
            file,
            line,
            `expected text, labels and id between tabs, got ${row.split("\t").length} fields`,
          );
          continue;
        }
        const indices = parseLabels(labels, names);
        if (typeof indices === "string") reader.reject(file, line, indices);
        else add(id.trim(), text, split, indices, file, line);
      }
    }
    return reader.finish();
  }

  const files = existsSync(folder)
    ? (await readdir(folder)).filter((file) => /^goemotions_\d+\.csv$/.test(file))
    : [];
  if (files.length === 0) throw reader.notFound("train.tsv (or goemotions_1.csv)");
  const comments = new Map<string, { text: string; votes: number[]; file: string; line: number }>();
  for (const file of files.sort()) {
    for (const { line, fields } of await reader.csv(file, ["text", "id", ...goEmotionLabels])) {
      const marks = goEmotionLabels.map((label) => fields[label]);
      const { id, text } = fields;
      if (!id || text === undefined || marks.some((mark) => mark !== "0" && mark !== "1")) {
        reader.reject(file, line, "expected an id and 0 or 1 for each of the 28 labels");
        continue;
      }
      const comment = comments.get(id) ?? { text, votes: goEmotionLabels.map(() => 0), file, line };
      comments.set(id, { ...comment, votes: comment.votes.map((count, i) => count + Number(marks[i])) });
    }
  }
  for (const [id, { text, votes, file, line }] of comments) {
    const labels = votes.flatMap((count, label) => (count >= raters ? [label] : []));
    if (labels.length === 0) reader.countUnlabelled();
    else add(id, text, splitByText(text), labels, file, line);
  }
  return reader.finish();
}

/** Label names by published number: our order unless the folder's `emotions.txt` says another. */
const readNames = async (reader: CorpusReader, folder: string): Promise<readonly string[]> =>
  existsSync(join(folder, "emotions.txt"))
    ? (await reader.lines("emotions.txt")).map(({ text }) => text.trim())
    : goEmotionLabels;

/** The label indices of `4,27` or `approval,neutral`, or what is wrong with it. */
const parseLabels = (labels: string, names: readonly string[]): number[] | string => {
  const indices: number[] = [];
  for (const label of labels.split(",").map((part) => part.trim())) {
    const name = /^\d+$/.test(label) ? names[Number(label)] : label;
    const index = (goEmotionLabels as readonly string[]).indexOf(name ?? "");
    if (index < 0) return `expected one of the 28 labels by number or name, got ${JSON.stringify(label)}`;
    if (!indices.includes(index)) indices.push(index);
  }
  return indices.sort((a, b) => a - b);
};
