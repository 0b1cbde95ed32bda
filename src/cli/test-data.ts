/** @file Where `evaluate` and `calibrate` take their data from: the public corpora and ours, or a user's own file. */
import { stat } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import { AppError } from "../base/errors.js";
import type { CorpusName, CorpusOptions } from "../data/corpora.js";
import type { LoadedCorpus } from "../data/example.js";

/** The flags that name data. */
export interface DataFlags {
  /** A folder with a folder for each corpus, or a file of one's own. */
  readonly data?: string;
  /** Columns of a file of one's own. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Loads a corpus by name when it is needed. */
export type CorpusLoader = () => Promise<LoadedCorpus>;

/** Loaders of the corpora that are asked for. */
export type CorpusLoaders = {
  readonly [name in "goemotions" | "learner" | "emobank" | "lemotif" | "xed" | "own"]?: CorpusLoader;
};

/** Columns read from a file of one's own unless told. */
export const defaultColumns = { text: "text", emotion: "emotion" } as const;

/**
 * Reads `text=message,emotion=label`.
 * @throws InvalidArgumentError, which commander reports
 */
export function parseColumns(value: string): Record<string, string> {
  const pairs = value.split(",").map((pair) => pair.split("=").map((part) => part.trim()));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(""))) {
    throw new InvalidArgumentError("expected pairs such as text=message,emotion=label");
  }
  return Object.fromEntries(pairs as [string, string][]);
}

/**
 * Loaders for what `--data` names: a file is a user's own corpus, by itself; a folder, or nothing, the known corpora.
 * @throws DATA_NOT_FOUND where the path is nothing
 */
export async function openData({ data, columns }: DataFlags): Promise<CorpusLoaders> {
  const { loadCorpus } = await import("../data/corpora.js");
  const load = (name: CorpusName, options: CorpusOptions): CorpusLoader => {
    return async () => reportCorpus(await loadCorpus(name, options));
  };
  if (data !== undefined) {
    const found = await stat(data).catch(() => undefined);
    if (found === undefined) {
      throw new AppError(
        "DATA_NOT_FOUND",
        `--data ${data}: expected a folder of corpora or a .csv or .jsonl file, got no such path; correct it, or leave it out`,
      );
    }
    if (found.isFile()) return { own: load("own", { own: { file: data, columns } }) };
  }
  const options = data === undefined ? {} : { dataFolder: data };
  return {
    goemotions: load("goemotions", options),
    learner: load("learner", options),
    emobank: load("emobank", options),
    lemotif: load("lemotif", options),
    xed: load("xed", options),
  };
}

/** Tells on stderr what could not be read; nothing is dropped silently. */
function reportCorpus(corpus: LoadedCorpus): LoadedCorpus {
  const { name, badRows } = corpus;
  const [first] = badRows;
  if (first) {
    process.stderr.write(
      `${name}: ${badRows.length} rows could not be read; the first is ${first.file}:${first.line}: ${first.reason}\n`,
    );
  }
  return corpus;
}

/** Reads a whole number of at least `least`. @throws InvalidArgumentError, which commander reports */
export function parseWhole(least: number): (value: string) => number {
  return (value) => {
    const count = Number(value);
    if (value.trim() !== "" && Number.isInteger(count) && count >= least) return count;
    throw new InvalidArgumentError(`expected a whole number of ${least} or more`);
  };
}
