/** @file A teacher's answers for texts: what a student learns from beside the labels. */
import { AppError } from "../../base/errors.js";
import { headNames } from "../../base/head.js";
import { Session, type SessionOptions } from "../../runtime/session.js";
import type { Experiment } from "../experiment.js";
import { shareOut } from "../text/average.js";
import { type LoadedTexts, loadTrainingTexts, tokenizeTexts } from "../text/dataset.js";
import { computeLogits } from "../text/validation.js";
import { type SoftLabelManifest, type TeacherLogits, writeSoftLabels } from "./soft-labels.js";
import type { Teacher } from "./teacher.js";

/** How texts are labelled. */
export interface LabelOptions {
  /** Folder for the soft labels. */
  readonly to: string;
  /** How much each teacher's logits count in the mean, one a teacher, above 0; all the same unless told. */
  readonly weights?: readonly number[];
  readonly session: SessionOptions;
  /** Told of progress: texts done of all, over all teachers. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Texts handed to the model between two reports of progress. */
const chunkSize = 1024;

/**
 * Asks every teacher about every training text of an experiment's corpora (never a validation or test text) and writes
 * the (weighted) mean of their logits.
 * @throws USAGE on no teacher, or weights that do not fit; DATA_NOT_FOUND, DATA_INVALID, DISK_FULL, OUT_OF_MEMORY
 */
export async function labelTexts(
  experiment: Pick<Experiment, "corpora" | "seed" | "maxTokens">,
  teachers: readonly Teacher[],
  options: LabelOptions,
): Promise<SoftLabelManifest> {
  const shares = shareOut(teachers.length, options.weights);
  if (teachers.length === 0)
    throw new AppError("USAGE", "label: expected a teacher, got none; name one with --teacher");
  const corpora = await loadTrainingTexts(experiment);
  const total = teachers.length * corpora.reduce((sum, { texts }) => sum + texts.length, 0);
  const sums = corpora.map(({ texts }) => texts.map((): TeacherLogits | undefined => undefined));
  let done = 0;
  for (const [t, { tokenizer, maxTokens, encode }] of teachers.entries()) {
    const session = await Session.open(encode(), { memoryPattern: false, ...options.session });
    try {
      for (const [c, { texts }] of corpora.entries()) {
        // Texts of like length stand together, so that a chunk is not as slow as its longest.
        const ids = tokenizeTexts(texts, tokenizer, Math.min(experiment.maxTokens, maxTokens));
        const order = ids.map((_, i) => i).sort((a, b) => lengthOf(ids, a) - lengthOf(ids, b));
        for (let start = 0; start < order.length; start += chunkSize) {
          const places = order.slice(start, start + chunkSize);
          const rows = places.map((i) => ids[i] as Int32Array);
          const logits = await computeLogits(session, {}, rows, tokenizer.padId);
          places.forEach((place, i) => {
            const sum = sums[c] as (TeacherLogits | undefined)[];
            sum[place] = addScaled(sum[place], logits[i] as TeacherLogits, shares[t] as number);
          });
          done += places.length;
          options.onProgress?.(done, total);
        }
      }
    } finally {
      await session.close();
    }
  }
  return writeSoftLabels(
    options.to,
    corpora.map((corpus: LoadedTexts, c) => ({
      corpus: corpus.name,
      corpusSha256: corpus.sha256,
      texts: corpus.texts,
      logits: sums[c] as TeacherLogits[],
    })),
    teachers.map(({ origin }, t) => ({ ...origin, share: shares[t] as number })),
  );
}

const lengthOf = (ids: readonly Int32Array[], i: number): number => (ids[i] as Int32Array).length;

/** sum + scale · x, head by head. */
function addScaled(sum: TeacherLogits | undefined, x: TeacherLogits, scale: number): TeacherLogits {
  return Object.fromEntries(
    headNames.map((head) => [head, x[head].map((value, i) => (sum?.[head][i] ?? 0) + scale * value)]),
  ) as unknown as TeacherLogits;
}
