/** @file GoEmotions labels read as partial labels of the 41 classes: an option, off by default because it hurt the head. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { goEmotionLabels } from "../emotion/goemotions.js";
import { type EmotionId, emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import type { Example } from "./example.js";
import { packageFolder } from "./folders.js";

/** Which lines of the mapping are used: none, those whose name means the same on both sides, or all that have a class. */
export type MappingMode = "off" | "clean" | "all";

/** Class index by GoEmotions label index. */
export type GoEmotionsMapping = ReadonlyMap<number, number>;

const fileSchema = z.object({
  version: z.literal(1),
  lines: z
    .array(
      z.object({
        goemotions: z.enum(goEmotionLabels),
        emotion: z.enum(emotionIds as readonly [EmotionId, ...EmotionId[]]).nullable(),
        /** Whether the name means the same to GoEmotions' raters as to our guide. */
        clean: z.boolean(),
        reason: z.string().min(1),
      }),
    )
    .length(goEmotionLabels.length),
});

/**
 * Reads the mapping.
 * @throws DATA_INVALID
 * @source taxonomy/goemotions-mapping.json, with a reason for each line
 */
export async function loadMapping(mode: MappingMode): Promise<GoEmotionsMapping> {
  if (mode === "off") return new Map();
  const path = join(packageFolder, "taxonomy", "goemotions-mapping.json");
  try {
    const { lines } = fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
    return new Map(
      lines
        .filter(({ clean, emotion }) => emotion !== null && (clean || mode === "all"))
        .map(({ goemotions, emotion }) => [
          goEmotionLabels.indexOf(goemotions),
          emotionIndex(emotion ?? "") ?? -1,
        ]),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError(
      "DATA_INVALID",
      `${path}: expected the GoEmotions mapping, got ${message}; restore the file`,
      {
        cause: error,
      },
    );
  }
}

/**
 * The partial label of a row: `undefined` where one of its labels has no class, since what holds is then not known.
 * @param labels GoEmotions label indices
 */
export function mapGoEmotions(labels: readonly number[], mapping: GoEmotionsMapping): Example["partial"] {
  const classes = labels.map((label) => mapping.get(label));
  const holds = [...new Set(classes.filter((index) => index !== undefined))];
  if (holds.length === 0 || classes.includes(undefined)) return undefined;
  return { holds, among: [...new Set(mapping.values())].sort((a, b) => a - b) };
}
