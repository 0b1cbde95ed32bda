/** @file A teacher's answers for texts: what a student learns from beside the labels. */
import { AppError } from "../../base/errors.js";
import { headNames } from "../../base/head.js";
import { Session, type SessionOptions } from "../../runtime/session.js";
import type { Experiment } from "../experiment.js";
import { shareOut } from "../text/average.js";
import { loadTrainingTexts, tokenizeTexts } from "../text/dataset.js";
import { forwardRows } from "../text/forward.js";
import { normalizeVector, Projection } from "./projection.js";
import type { SoftLabelManifest, TeacherLogits } from "./soft-label-format.js";
import { type LabelledTexts, writeSoftLabels } from "./soft-label-writer.js";
import type { Teacher } from "./teacher.js";

/** How texts are labelled. */
export interface LabelOptions {
  /** Folder for the soft labels. */
  readonly to: string;
  /** How much each teacher counts in the mean, one a teacher, above 0; all the same unless told. */
  readonly weights?: readonly number[];
  readonly session: SessionOptions;
  /** Told of progress: texts done of all, over all teachers. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Numbers that are kept of a teacher's vector: cosines are off by .01 with 32 of 768 (docs/experiments.md). */
const vectorSize = 32;

/** Texts that the directions of vectors are found from. */
const sampleSize = 4096;

/**
 * Asks every teacher about every training text of an experiment's corpora (never a validation or test text) and writes
 * the (weighted) mean of their logits, and vectors whose dot products are the mean of the cosines of their pooled ones.
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
  const texts = corpora.flatMap((corpus) => corpus.texts);
  const total = teachers.length * texts.length;
  const logits = texts.map((): TeacherLogits | undefined => undefined);
  const parts = texts.map((): Float32Array[] => []);
  let done = 0;
  for (const [t, { tokenizer, maxTokens, encode }] of teachers.entries()) {
    const share = shares[t] as number;
    const ids = tokenizeTexts(texts, tokenizer, Math.min(experiment.maxTokens, maxTokens));
    const session = await Session.open(encode(), { memoryPattern: false, ...options.session });
    try {
      const projection = await findProjection(session, thin(ids), tokenizer.padId);
      for await (const answers of forwardRows(session, {}, ids, tokenizer.padId, [...headNames, "pooled"])) {
        answers.places.forEach((place, row) => {
          logits[place] = addScaled(logits[place], answers.readLogits(row), share);
          const vector = projection.project(normalizeVector(answers.read("pooled", row)));
          // Of what is put end to end so, the dot product is Σ share · cosine.
          parts[place]?.push(vector.map((value) => Math.sqrt(share) * value));
        });
        done += answers.places.length;
        options.onProgress?.(done, total);
      }
    } finally {
      await session.close();
    }
  }
  const vectors = joinParts(parts);
  let to = 0;
  const labelled = corpora.map(({ name, sha256, texts: own }): LabelledTexts => {
    const from = to;
    to += own.length;
    return {
      corpus: name,
      corpusSha256: sha256,
      texts: own,
      logits: logits.slice(from, to) as TeacherLogits[],
      vectors: vectors.slice(from, to),
    };
  });
  return writeSoftLabels(
    options.to,
    labelled,
    teachers.map(({ origin }, t) => ({ ...origin, share: shares[t] as number })),
  );
}

/** At most `sampleSize` of the rows, as far apart as they may be. */
function thin<T>(rows: readonly T[]): T[] {
  const step = Math.max(1, rows.length / sampleSize);
  return Array.from({ length: Math.min(rows.length, sampleSize) }, (_, i) => rows[Math.floor(i * step)] as T);
}

/** The directions in which a teacher's vectors of these rows are kept. */
async function findProjection(
  session: Session,
  rows: readonly Int32Array[],
  padId: number,
): Promise<Projection> {
  const sample: Float32Array[] = [];
  for await (const answers of forwardRows(session, {}, rows, padId, ["pooled"]))
    for (const row of answers.places.keys()) sample.push(normalizeVector(answers.read("pooled", row)));
  return Projection.fit(sample, vectorSize);
}

/** One vector a text of what each teacher gave, put end to end and no longer than that of one. */
function joinParts(parts: readonly (readonly Float32Array[])[]): readonly Float32Array[] {
  const joined = parts.map((own) => Float32Array.from(own.flatMap((part) => [...part])));
  const [first] = parts;
  if (first === undefined || first.length === 1) return joined;
  const projection = Projection.fit(thin(joined), vectorSize);
  return joined.map((vector) => projection.project(vector));
}

/** sum + scale · x, head by head. */
function addScaled(sum: TeacherLogits | undefined, x: TeacherLogits, scale: number): TeacherLogits {
  return Object.fromEntries(
    headNames.map((head) => [head, x[head].map((value, i) => (sum?.[head][i] ?? 0) + scale * value)]),
  ) as unknown as TeacherLogits;
}
