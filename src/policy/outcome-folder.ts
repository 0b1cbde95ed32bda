/** @file The outcomes a deployment has gathered: one file in a folder, every row once, read as a whole before training. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { isMissing, writeAll, writeAtomically } from "../model/file.js";
import { type LoggedOutcome, type Parsed, parseOutcomeLine } from "./outcome.js";

/** Name of the file in the folder. */
export const outcomesFile = "outcomes.jsonl";

/** What became of the rows that were handed in. */
export interface Imported {
  readonly added: number;
  /** Rows that were there already, to the last figure. */
  readonly duplicates: number;
  /** Rows refused, by line. */
  readonly refused: readonly { readonly line: number; readonly issue: string }[];
}

/** A line handed in. */
export interface NumberedLine {
  readonly line: number;
  readonly parsed: Parsed<LoggedOutcome>;
}

const keyOf = ({ learnerId, at }: LoggedOutcome): string => JSON.stringify([learnerId, at]);

/** Always the same text for the same row. */
const write = ({ learnerId, at, features, level, propensity, outcome }: LoggedOutcome): string =>
  JSON.stringify({ learnerId, at, features, level, propensity, outcome });

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
  }
}

function parseStored(text: string, path: string): LoggedOutcome[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const parsed = parseOutcomeLine(line);
    if (parsed.ok) return [parsed.value];
    throw new AppError("DATA_INVALID", `${path}:${index + 1}: ${parsed.issue}`);
  });
}

/**
 * Outcomes of a folder, in the order in which they came.
 * @throws DATA_NOT_FOUND where there are none; DATA_INVALID naming the line that is damaged; FILE_SYSTEM
 */
export async function readOutcomes(folder: string): Promise<readonly LoggedOutcome[]> {
  const path = join(folder, outcomesFile);
  const text = await readText(path);
  const rows = text === undefined ? [] : parseStored(text, path);
  if (rows.length > 0) return rows;
  throw new AppError(
    "DATA_NOT_FOUND",
    `${path}: expected logged outcomes, found none; bring some in: attune outcomes import FILE --to ${folder}`,
  );
}

/** Why a sound row cannot stand beside those that are there. */
function findConflict(
  row: LoggedOutcome,
  before: string | undefined,
  features: number | undefined,
): string | undefined {
  if (features !== undefined && row.features.length !== features) {
    return `features: expected ${features}, as the rows before have, got ${row.features.length}; log all rows with one version of Attune, or start another folder`;
  }
  if (before !== undefined) {
    return "at: expected one decision for a learner at a time, got another one with the same learnerId and at; correct one of them";
  }
  return undefined;
}

/**
 * Adds rows to a folder, all sound ones or, if the disk fails, none.
 * @throws DATA_INVALID where what the folder holds is damaged; DISK_FULL, FILE_SYSTEM
 */
export async function importOutcomes(folder: string, lines: AsyncIterable<NumberedLine>): Promise<Imported> {
  const path = join(folder, outcomesFile);
  const stored = parseStored((await readText(path)) ?? "", path);
  const seen = new Map(stored.map((row) => [keyOf(row), write(row)]));
  let features = stored[0]?.features.length;
  let duplicates = 0;
  const refused: { line: number; issue: string }[] = [];
  for await (const { line, parsed } of lines) {
    if (!parsed.ok) {
      refused.push({ line, issue: parsed.issue });
      continue;
    }
    const text = write(parsed.value);
    const key = keyOf(parsed.value);
    const before = seen.get(key);
    if (before === text) {
      duplicates++;
      continue;
    }
    const issue = findConflict(parsed.value, before, features);
    if (issue !== undefined) {
      refused.push({ line, issue });
      continue;
    }
    features ??= parsed.value.features.length;
    seen.set(key, text);
  }
  const added = seen.size - stored.length;
  if (added > 0) {
    await writeAtomically(path, async (handle) => {
      for (const text of seen.values()) await writeAll(handle, Buffer.from(`${text}\n`));
    });
  }
  return { added, duplicates, refused };
}

/** Writes a whole log anew, as a simulation does. @throws DISK_FULL, FILE_SYSTEM */
export async function writeOutcomes(folder: string, rows: Iterable<LoggedOutcome>): Promise<void> {
  await writeAtomically(join(folder, outcomesFile), async (handle) => {
    for (const row of rows) await writeAll(handle, Buffer.from(`${write(row)}\n`));
  });
}
