/** @file Challenge sets: messages each of which must, or must not, be read in a certain way; read from their files here. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError, toAppError } from "../base/errors.js";
import { describeIssue, textKey } from "../data/corpus-reader.js";
import { packageFolder } from "../data/folders.js";
import { type EmotionId, emotionIds } from "../emotion/taxonomy.js";

const emotion = z.enum(emotionIds as readonly [EmotionId, ...EmotionId[]], {
  error: ({ input }) => `expected one of the ${emotionIds.length} emotion ids, got ${JSON.stringify(input)}`,
});
const emotions = z
  .array(emotion)
  .min(1)
  .refine((ids) => new Set(ids).size === ids.length, "expected each emotion once");

const expectation = z
  .strictObject({
    /** The main emotion is one of these. */
    anyOf: emotions.optional(),
    /** The main emotion is none of these. */
    noneOf: emotions.optional(),
    /** Pleasure below .45, from .35 to .65, above .55. */
    pleasure: z.enum(["low", "middle", "high"]).optional(),
    /** The answer claims no certainty. */
    uncertain: z.literal(true).optional(),
    /** With `uncertain`: unless the main emotion is one of these. */
    unless: emotions.optional(),
  })
  .refine(
    ({ anyOf, noneOf, pleasure, uncertain }) => anyOf ?? noneOf ?? pleasure ?? uncertain,
    "expected anyOf, noneOf, pleasure or uncertain, got none of them",
  )
  .refine(
    ({ anyOf, noneOf, uncertain }) => [anyOf, noneOf, uncertain].filter(Boolean).length <= 1,
    "expected one of anyOf, noneOf and uncertain, got several",
  )
  .refine(({ unless, uncertain }) => !unless || uncertain, "expected unless only beside uncertain");

const itemSchema = z.strictObject({
  id: z.string().min(1),
  text: z.string().regex(/\S/, "expected text, got none"),
  expect: expectation,
  note: z.string().min(1).optional(),
});

/** What an answer must be like. All that is asked must hold. */
export type Expectation = z.infer<typeof expectation>;

/** One message of a challenge set. */
export type ChallengeItem = z.infer<typeof itemSchema>;

/** The items of one file, named as the file is. */
export interface ChallengeSet {
  readonly name: string;
  readonly items: readonly ChallengeItem[];
}

/** The package's own sets. */
export const challengeFolder = join(packageFolder, "evaluation", "challenges");

/**
 * Reads every `.jsonl` file of a folder as a set, in the order of their names.
 * @throws DATA_NOT_FOUND where the folder has none
 * @throws DATA_INVALID naming file and line of the first row that is no item, or whose id or text was there before
 * @throws FILE_SYSTEM
 */
export async function loadChallenges(folder = challengeFolder): Promise<readonly ChallengeSet[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw toAppError(error, `challenges: reading ${folder}`, "FILE_SYSTEM");
  });
  const files = names.filter((name) => name.endsWith(".jsonl")).sort();
  if (files.length === 0) {
    throw new AppError(
      "DATA_NOT_FOUND",
      `challenges: expected .jsonl files in ${folder}, got none; install the package again, its evaluation folder is incomplete`,
    );
  }
  const places = new Map<string, string>();
  const sets: ChallengeSet[] = [];
  for (const file of files) {
    const content = await readFile(join(folder, file), "utf8").catch((error: unknown) => {
      throw toAppError(error, `challenges: reading ${join(folder, file)}`, "FILE_SYSTEM");
    });
    sets.push({ name: file.slice(0, -".jsonl".length), items: parseItems(content, file, places) });
  }
  return sets;
}

/** Items of a file. `places` holds where each id and text was seen, over all files. */
function parseItems(content: string, file: string, places: Map<string, string>): ChallengeItem[] {
  const items: ChallengeItem[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const place = `${file}:${index + 1}`;
    const item = parseItem(line, place);
    for (const [what, key] of [
      ["id", `id ${item.id}`],
      ["text", `text ${textKey(item.text)}`],
    ] as const) {
      const before = places.get(key);
      if (before !== undefined) throw invalid(place, `expected an own ${what}, got that of ${before}`);
      places.set(key, place);
    }
    items.push(item);
  }
  if (items.length === 0) throw invalid(file, "expected items, got an empty file");
  return items;
}

function parseItem(line: string, place: string): ChallengeItem {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw invalid(place, `expected a JSON object, got ${(error as Error).message}`);
  }
  const parsed = itemSchema.safeParse(json);
  if (!parsed.success) throw invalid(place, describeIssue(parsed.error));
  return parsed.data;
}

function invalid(place: string, what: string): AppError {
  return new AppError("DATA_INVALID", `challenges: ${place}: ${what}; correct it`);
}
