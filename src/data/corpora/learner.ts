/** @file The learner corpus, which travels with the package and carries its split in its rows. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type EmotionId, emotionIds, emotionIndex } from "../../emotion/taxonomy.js";
import { CorpusReader } from "../corpus-reader.js";
import type { LoadedCorpus } from "../example.js";
import { packageFolder } from "../folders.js";

const unit = z.number().min(0).max(1);
const emotion = z.enum(emotionIds as readonly [EmotionId, ...EmotionId[]]);
const rowSchema = z.object({
  text: z.string(),
  emotion,
  also: z.array(emotion).max(2),
  pad: z.tuple([unit, unit, unit]),
  readiness: unit,
  support: z.int().min(0).max(5),
  split: z.enum(["train", "validation", "test"]),
});

/**
 * Loads the learner corpus.
 * @param folder another folder of the same files; the package's own by default
 * @throws DATA_NOT_FOUND, DATA_INVALID
 * @source data/learner-corpus/README.md
 */
export async function loadLearner(
  folder = join(packageFolder, "data", "learner-corpus"),
): Promise<LoadedCorpus> {
  const reader = new CorpusReader(
    "learner",
    folder,
    "install the package again, its data folder is incomplete",
  );
  const files = existsSync(folder)
    ? (await readdir(folder)).filter((file) => file.endsWith(".jsonl")).sort()
    : [];
  if (files.length === 0) throw reader.notFound("*.jsonl");
  for (const file of files) {
    const slice = file.slice(0, -".jsonl".length);
    for (const { line, row } of await reader.jsonl(file, rowSchema)) {
      const { also, split, text, emotion: primary, ...labels } = row;
      const indices = [primary, ...also].map((id) => emotionIndex(id) ?? -1);
      const [first = -1, ...others] = indices;
      reader.add(
        {
          id: `learner/${slice}:${line}`,
          text,
          split,
          slice,
          emotion: { primary: first, also: others },
          ...labels,
        },
        file,
        line,
      );
    }
  }
  return reader.finish();
}
