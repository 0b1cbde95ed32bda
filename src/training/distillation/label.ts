/** @file A teacher's answers for texts: what a student learns from beside the labels. */
import { createHash } from "node:crypto";
import { AppError } from "../../base/errors.js";
import { headNames } from "../../base/head.js";
import { encodeInference, type Precision } from "../../model/inference.js";
import { Session, type SessionOptions } from "../../runtime/session.js";
import type { Experiment } from "../experiment.js";
import { shareOut } from "../text/average.js";
import { type LoadedTexts, loadTrainingTexts, tokenizeTexts } from "../text/dataset.js";
import type { TrainedRun } from "../text/trained-run.js";
import { computeLogits } from "../text/validation.js";
import { type SoftLabelManifest, type TeacherLogits, writeSoftLabels } from "./soft-labels.js";

/** How texts are labelled. */
export interface LabelOptions {
  /** Folder for the soft labels. */
  readonly to: string;
  /** How much each teacher's logits count in the mean, one a teacher, above 0; all the same unless told. */
  readonly weights?: readonly number[];
  /** What the teachers answer in: int8 takes half the time and answers nearly the same; fp32 unless told. */
  readonly precision?: Precision;
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
  teachers: readonly TrainedRun[],
  options: LabelOptions,
): Promise<SoftLabelManifest> {
  const { precision = "fp32" } = options;
  const shares = shareOut(teachers.length, options.weights);
  if (teachers.length === 0)
    throw new AppError("USAGE", "label: expected a teacher's run, got none; name one with --teacher");
  const corpora = await loadTrainingTexts(experiment);
  const total = teachers.length * corpora.reduce((sum, { texts }) => sum + texts.length, 0);
  const sums = corpora.map(({ texts }) => texts.map((): TeacherLogits | undefined => undefined));
  let done = 0;
  for (const [t, { base, weights }] of teachers.entries()) {
    const model = encodeInference(base.config, base.parameters, weights, precision).bytes;
    const session = await Session.open(model, { memoryPattern: false, ...options.session });
    try {
      for (const [c, { texts }] of corpora.entries()) {
        // Texts of like length stand together, so that a chunk is not as slow as its longest.
        const ids = tokenizeTexts(texts, base.tokenizer, experiment.maxTokens);
        const order = ids.map((_, i) => i).sort((a, b) => lengthOf(ids, a) - lengthOf(ids, b));
        for (let start = 0; start < order.length; start += chunkSize) {
          const places = order.slice(start, start + chunkSize);
          const rows = places.map((i) => ids[i] as Int32Array);
          const logits = await computeLogits(session, {}, rows, base.tokenizer.padId);
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
    teachers.map((teacher, t) => describeTeacher(teacher, precision, shares[t] as number)),
  );
}

const lengthOf = (ids: readonly Int32Array[], i: number): number => (ids[i] as Int32Array).length;

/** sum + scale · x, head by head. */
function addScaled(sum: TeacherLogits | undefined, x: TeacherLogits, scale: number): TeacherLogits {
  return Object.fromEntries(
    headNames.map((head) => [head, x[head].map((value, i) => (sum?.[head][i] ?? 0) + scale * value)]),
  ) as unknown as TeacherLogits;
}

/** Whose answers they are: the hash is over all weights in their order, before any rounding. */
function describeTeacher(
  { experiment, base, weights }: TrainedRun,
  precision: Precision,
  share: number,
): SoftLabelManifest["teachers"][number] {
  const digest = createHash("sha256");
  for (const { name } of base.parameters) digest.update(weights.get(name) ?? new Float32Array(0));
  return { name: experiment.name, base: base.config.type, precision, share, sha256: digest.digest("hex") };
}
