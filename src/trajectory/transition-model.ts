/** @file What is felt next: transitions between emotions learned from sequences, falling back on staying and on base rates where little was seen. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import { emotionIds } from "../emotion/taxonomy.js";
import { quantile } from "../metrics/bootstrap.js";

/** An emotion at a time. */
export interface EmotionStep {
  /** Index of the class, 0 to 40. */
  readonly emotion: number;
  /** ms. */
  readonly at: number;
}

/** One learner's emotions, oldest first. */
export type EmotionSequence = readonly EmotionStep[];

/** A learned model; plain data, so that `JSON.stringify` stores it and `parseTransitionModel` reads it. */
export interface TransitionModel {
  readonly formatVersion: 1;
  /** The classes it was learned on, in order. */
  readonly emotions: readonly string[];
  /** Where the sequences came from, for whoever meets the file. */
  readonly source: string;
  readonly sequences: number;
  /** Transitions seen: [from, to, times]. */
  readonly counts: readonly (readonly [from: number, to: number, times: number])[];
  /** How much a row leans on its fallback: as many transitions as this. */
  readonly concentration: number;
  /** Share of the fallback that stays with the emotion there is; the rest is base rates. [0, 1) */
  readonly persistence: number;
  /** Time after which only 1/e of what the present emotion tells is left, ms; `null` where time made no difference. */
  readonly timeScaleMs: number | null;
  /** Median gap between steps, ms: taken where the gap to come is not known. */
  readonly typicalGapMs: number;
}

const classes = emotionIds.length;
const concentrations = [0.5, 1, 2, 5, 10, 20, 50, 100, 300];
const timeScales = [null, 60_000, 300_000, 900_000, 3_600_000, 14_400_000];
const folds = 5;

/** A model made ready to predict. */
export class TransitionPredictor {
  readonly #model: TransitionModel;
  readonly #counts: Float64Array;
  readonly #rows: Float64Array;
  readonly #base: Float64Array;

  constructor(model: TransitionModel) {
    this.#model = model;
    this.#counts = new Float64Array(classes * classes);
    this.#rows = new Float64Array(classes);
    const base = new Float64Array(classes).fill(1);
    for (const [from, to, times] of model.counts) {
      this.#counts[from * classes + to] = times;
      this.#rows[from] = (this.#rows[from] as number) + times;
      base[to] = (base[to] as number) + times;
    }
    const total = base.reduce((sum, count) => sum + count, 0);
    this.#base = base.map((count) => count / total);
  }

  /** Share of each class among all that came next, one added to each; `[41]`, sums to 1. */
  get base(): Float64Array {
    return this.#base.slice();
  }

  /**
   * Probability of an emotion after another:
   *
   *     P(j | i, Δ) = w (n_ij + κ f_ij) / (n_i + κ) + (1 − w) b_j      f_ij = s [i = j] + (1 − s) b_j,  w = exp(−Δ / τ)
   *
   * @param gapMs time from the one to the other; the usual gap unless told
   */
  probability(from: number, to: number, gapMs: number = this.#model.typicalGapMs): number {
    const { concentration, persistence, timeScaleMs } = this.#model;
    const base = this.#base[to] as number;
    const fallback = (1 - persistence) * base + (from === to ? persistence : 0);
    const seen = this.#counts[from * classes + to] as number;
    const row = (seen + concentration * fallback) / ((this.#rows[from] as number) + concentration);
    const weight = timeScaleMs === null ? 1 : Math.exp(-gapMs / timeScaleMs);
    return weight * row + (1 - weight) * base;
  }

  /**
   * Distribution of the next emotion, `[41]`, sums to 1: that of each emotion there may be now, by its probability.
   * @param now probabilities of the present emotion, `[41]`, as an analysis gives them
   * @throws INPUT_TYPE where they are not 41 numbers from 0 to 1 of which one is above 0
   */
  predict(now: readonly number[], gapMs?: number): readonly number[] {
    const total = now.reduce((sum, share) => sum + share, 0);
    if (now.length !== classes || !now.every((share) => share >= 0 && share <= 1) || !(total > 0)) {
      throw new AppError(
        "INPUT_TYPE",
        `predict next emotion: expected ${classes} probabilities, got ${now.length} numbers that sum to ${total}; give those of a reading`,
      );
    }
    return Array.from({ length: classes }, (_, to) =>
      now.reduce(
        (sum, share, from) => (share === 0 ? sum : sum + (share / total) * this.probability(from, to, gapMs)),
        0,
      ),
    );
  }
}

/**
 * Learns a model. Base rates and transitions are counted; the strength of the fallback and whether time matters are
 * what predicts best, by log loss, the sequences left out of five folds of whole sequences.
 * @param source where the sequences came from
 * @throws DATA_INVALID where there are fewer than five sequences with a transition, or a step is no emotion or goes back in time
 * @source Dirichlet smoothing towards a fallback: MacKay & Peto, "A hierarchical Dirichlet language model", 1995.
 */
export function fitTransitionModel(sequences: readonly EmotionSequence[], source: string): TransitionModel {
  sequences.forEach(checkSequence);
  const usable = sequences.filter(({ length }) => length > 1);
  if (usable.length < folds) {
    throw new AppError(
      "DATA_INVALID",
      `fit transitions: expected at least ${folds} sequences of two steps or more, got ${usable.length}; give more learners`,
    );
  }
  const parts = Array.from({ length: folds }, (_, fold) => ({
    counted: countTransitions(
      usable.filter((_, i) => i % folds !== fold),
      source,
    ),
    held: usable.filter((_, i) => i % folds === fold),
  }));
  let best: { loss: number; concentration: number; timeScaleMs: number | null } | undefined;
  for (const timeScaleMs of timeScales) {
    for (const concentration of concentrations) {
      let loss = 0;
      for (const { counted, held } of parts) {
        const predictor = new TransitionPredictor({ ...counted, concentration, timeScaleMs });
        for (const sequence of held) loss += totalLoss(predictor, sequence);
      }
      // Time has to earn its place: the first of equals is the one without.
      if (best === undefined || loss < best.loss) best = { loss, concentration, timeScaleMs };
    }
  }
  const { loss: _, ...chosen } = best as NonNullable<typeof best>;
  return { ...countTransitions(usable, source), ...chosen };
}

function totalLoss(predictor: TransitionPredictor, sequence: EmotionSequence): number {
  let loss = 0;
  for (const [from, to, gap] of listTransitions(sequence))
    loss -= Math.log(predictor.probability(from, to, gap));
  return loss;
}

/** From, to and the time between, for each step but the first. */
export function listTransitions(
  sequence: EmotionSequence,
): (readonly [from: number, to: number, gapMs: number])[] {
  return sequence.slice(1).map((step, i) => {
    const before = sequence[i] as EmotionStep;
    return [before.emotion, step.emotion, step.at - before.at];
  });
}

function countTransitions(sequences: readonly EmotionSequence[], source: string): TransitionModel {
  const times = new Map<number, number>();
  const next = new Float64Array(classes);
  const gaps: number[] = [];
  let stayed = 0;
  for (const [from, to, gap] of sequences.flatMap(listTransitions)) {
    const cell = from * classes + to;
    times.set(cell, (times.get(cell) ?? 0) + 1);
    next[to] = (next[to] as number) + 1;
    gaps.push(gap);
    if (from === to) stayed++;
  }
  // Staying by chance alone has the probability Σ b²; what is above it is persistence.
  const chance = next.reduce((sum, count) => sum + (count / gaps.length) ** 2, 0);
  const persistence = chance < 1 ? (stayed / gaps.length - chance) / (1 - chance) : 0;
  return {
    formatVersion: 1,
    emotions: emotionIds,
    source,
    sequences: sequences.length,
    counts: [...times]
      .sort(([a], [b]) => a - b)
      .map(([cell, count]) => [Math.floor(cell / classes), cell % classes, count]),
    concentration: 1,
    persistence: Math.min(0.999, Math.max(0, persistence)),
    timeScaleMs: null,
    typicalGapMs: quantile(Float64Array.from(gaps).sort(), 0.5),
  };
}

function checkSequence(sequence: EmotionSequence, place: number): void {
  sequence.forEach(({ emotion, at }, i) => {
    const before = sequence[i - 1]?.at ?? Number.NEGATIVE_INFINITY;
    if (Number.isInteger(emotion) && emotion >= 0 && emotion < classes && Number.isFinite(at) && at >= before)
      return;
    throw new AppError(
      "DATA_INVALID",
      `fit transitions: sequences[${place}][${i}]: expected a class from 0 to ${classes - 1} at a finite time not before the last, got ${emotion} at ${at}; sort and correct the sequence`,
    );
  });
}

const place = z
  .int()
  .min(0)
  .max(classes - 1);
const schema = z.strictObject({
  formatVersion: z.literal(1),
  emotions: z.array(z.string()),
  source: z.string(),
  sequences: z.int().nonnegative(),
  counts: z.array(z.tuple([place, place, z.number().nonnegative()])),
  concentration: z.number().positive(),
  persistence: z.number().min(0).lt(1),
  timeScaleMs: z.number().positive().nullable(),
  typicalGapMs: z.number().nonnegative(),
});

/**
 * Reads a stored model.
 * @param where the file, for the message
 * @throws DATA_INVALID where it is none, or was learned on other classes
 */
export function parseTransitionModel(json: unknown, where: string): TransitionModel {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issues = describeIssues(parsed.error, json, schema);
    throw new AppError("DATA_INVALID", `${where}: ${issues.join("; ")}; learn the model again`);
  }
  if (parsed.data.emotions.join() !== emotionIds.join()) {
    throw new AppError(
      "DATA_INVALID",
      `${where}: expected a model of the ${classes} classes of this version, got one of others; learn the model again`,
    );
  }
  return parsed.data;
}
