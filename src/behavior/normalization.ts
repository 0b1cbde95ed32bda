/** @file Signals as numbers a network can read: how unusual each is for this item and this learner, and which are known at all. */

import { emptySummary } from "./quantile-sketch.js";
import {
  type Behavior,
  type BehaviorSignal,
  behaviorSignalNames,
  behaviorSignals,
  type SignalKind,
} from "./signals.js";
import {
  type LearnerStatistics,
  type MeasuredSignal,
  measuredSignals,
  type PopulationStatistics,
} from "./statistics.js";

/** What a step of work is held against. What is left out is not known, and what is usual for all stands in for it. */
export interface BehaviorStatistics {
  readonly population: PopulationStatistics;
  /** Of the learner who did the step, and of nobody else. */
  readonly learner?: LearnerStatistics | undefined;
  readonly itemId?: string | undefined;
}

/** A step of work as features, in the order of `behaviorSignalNames`. */
export interface NormalizedBehavior {
  /** `[13]`: robust z scores in [−4, 4]; flags −1 or 1; 0 where not known. */
  readonly values: Float32Array;
  /** `[13]`: 1 where the signal is known, else 0. A value of 0 alone does not say that it is missing. */
  readonly known: Uint8Array;
}

/** z scores end at ±this: beyond it a value is unusual, and how unusual is an accident of the tail. */
export const maxScore = 4;

/**
 * Times differ by factors, but not below what a person perceives as one moment.
 * @source about 100 ms: Card, Moran & Newell 1983, "The Psychology of Human-Computer Interaction" (perceptual processor);
 *   response times are near log-normal: van der Linden 2006, "A Lognormal Model for Response Times on Test Items"
 */
const perceptibleMs = 100;

/** Scale on which each kind is compared. Flags have none: they are −1 or 1. */
const transforms = {
  milliseconds: (value) => Math.log1p(value / perceptibleMs),
  count: (value) => Math.log1p(value),
  "signed-count": (value) => Math.sign(value) * Math.log1p(Math.abs(value)),
  share: (value) => value,
} as const satisfies Record<Exclude<SignalKind, "flag">, (value: number) => number>;

/**
 * Least spread of each kind on its scale (assumptions). Where more than half of all steps have the same value, as with
 * hints, the spread of the data is 0: then one hint more than none is one unit, and a tenth more time.
 */
const leastSpread = {
  milliseconds: 0.1,
  count: Math.log(2),
  "signed-count": Math.log(2),
  share: 0.05,
} as const;

/** What a signal is compared with, and what is usual before anything was seen, in its own unit and on its scale. */
interface Rule {
  /** Whether the item matters: a long text takes everyone longer. */
  readonly item: boolean;
  /** Whether the learner's own usual value matters, rather than that of all. */
  readonly learner: boolean;
  readonly usual: number;
  readonly spread: number;
}

/**
 * Usual values and spreads are assumptions, forgotten as data come in. A streak and a difficulty mean the same for
 * everyone: held against one's own usual one, who always fails would seem to do as ever.
 */
const rules: Readonly<Record<MeasuredSignal, Rule>> = {
  responseTimeMs: { item: true, learner: true, usual: 15_000, spread: 1 },
  attempts: { item: true, learner: true, usual: 1, spread: Math.log(2) },
  hintsUsed: { item: true, learner: true, usual: 0, spread: Math.log(2) },
  bottomOutHints: { item: true, learner: true, usual: 0, spread: Math.log(2) },
  helpLatencyMs: { item: true, learner: true, usual: 20_000, spread: 1 },
  correctStreak: { item: false, learner: false, usual: 0, spread: 1 },
  idleMs: { item: true, learner: true, usual: 5_000, spread: 1 },
  skips: { item: false, learner: true, usual: 0, spread: Math.log(2) },
  sessionLengthMs: { item: false, learner: true, usual: 600_000, spread: 1 },
  itemDifficulty: { item: false, learner: false, usual: 0.5, spread: 0.25 },
  timeOnTaskMs: { item: true, learner: true, usual: 30_000, spread: 1 },
};

/**
 * How many observations a prior is worth (assumptions). The best weight is the ratio of the variance within to that
 * between; a spread needs more data than a middle.
 * @source shrinking many means toward their common one: Efron & Morris 1975, "Data analysis using Stein's estimator
 *   and its generalizations"
 */
const priorWeights = { population: 20, item: 5, learner: 5, spread: 20 } as const;

/** `toward + n / (n + weight) · (value − toward)` */
function shrink(value: number, count: number, toward: number, weight: number): number {
  return toward + (count / (count + weight)) * (value - toward);
}

/** A signal on the scale on which it is compared. */
function transform(signal: MeasuredSignal, value: number): number {
  return transforms[behaviorSignals[signal]](value);
}

/** What is usual on the signal's scale: on the item for all, for the learner on the item, and how far from it is usual. */
interface Reference {
  readonly item: number;
  readonly centre: number;
  readonly spread: number;
}

/**
 * ```text
 * all     = shrink(median of all values → assumed)
 * item    = shrink(median on the item   → all)
 * centre  = item + shrink(median of the learner's x − item → 0)
 * spread  = shrink(MAD of the learner's x − item → shrink(MAD of everyone's x − item → assumed))
 * ```
 * So of a stranger the spread is that between learners, and of one well known their own.
 */
function refer(signal: MeasuredSignal, { population, learner, itemId }: BehaviorStatistics): Reference {
  const rule = rules[signal];
  const seen = population.values.summarize(signal);
  const all = shrink(seen.median, seen.count, transform(signal, rule.usual), priorWeights.population);
  const onItem = rule.item && itemId !== undefined ? population.summarizeItem(itemId, signal) : emptySummary;
  const item = shrink(onItem.median, onItem.count, all, priorWeights.item);
  const others = population.residuals.summarize(signal);
  const usualSpread = shrink(others.spread, others.count, rule.spread, priorWeights.spread);
  const own = (rule.learner ? learner?.residuals.summarize(signal) : undefined) ?? emptySummary;
  return {
    item,
    centre: item + shrink(own.median, own.count, 0, priorWeights.learner),
    spread: Math.max(
      leastSpread[behaviorSignals[signal]],
      shrink(own.spread, own.count, usualSpread, priorWeights.spread),
    ),
  };
}

/**
 * How unusual each signal of a step is, by what was known before it: normalise a step first, then let it be observed.
 *
 * Once enough is known of a learner, one who is always twice as slow gets the same scores as before. Nothing of another
 * learner enters but through what is usual for all and for the item.
 * @param behavior validated
 */
export function normalizeBehavior(behavior: Behavior, statistics: BehaviorStatistics): NormalizedBehavior {
  const values = new Float32Array(behaviorSignalNames.length);
  const known = new Uint8Array(behaviorSignalNames.length);
  for (const [i, signal] of behaviorSignalNames.entries()) {
    const value = behavior[signal];
    if (value === undefined) continue;
    known[i] = 1;
    values[i] = typeof value === "boolean" ? (value ? 1 : -1) : score(signal, value, statistics);
  }
  return { values, known };
}

/** `(x − centre) / spread`, clipped. */
function score(signal: BehaviorSignal, value: number, statistics: BehaviorStatistics): number {
  const measured = signal as MeasuredSignal;
  const { centre, spread } = refer(measured, statistics);
  const z = (transform(measured, value) - centre) / spread;
  return Math.min(maxScore, Math.max(-maxScore, z));
}

/**
 * Adds a step to what is usual, for all, for its item and for its learner.
 *
 * What is known of all values and of items does not depend on the order of steps. What is known of a learner is
 * measured against the item as it was known then: early steps on items that were still unknown stay measured against
 * what was usual for all.
 * @param behavior validated
 */
export function observeBehavior(behavior: Behavior, statistics: BehaviorStatistics): void {
  const { population, learner, itemId } = statistics;
  const items = itemId === undefined ? undefined : population.touchItem(itemId);
  for (const signal of measuredSignals) {
    const value = behavior[signal];
    if (value === undefined) continue;
    const x = transform(signal, value);
    const residual = x - refer(signal, statistics).item;
    learner?.residuals.add(signal, residual);
    population.residuals.add(signal, residual);
    population.values.add(signal, x);
    if (rules[signal].item) items?.add(signal, x);
  }
}

/**
 * Adds a step to what is usual for its learner and to nothing else: for statistics built again from moments that the
 * population has seen already, or against a population that stays as it is.
 * @param behavior validated
 */
export function observeOwnBehavior(
  behavior: Behavior,
  statistics: BehaviorStatistics & { readonly learner: LearnerStatistics },
): void {
  for (const signal of measuredSignals) {
    const value = behavior[signal];
    if (value === undefined) continue;
    statistics.learner.residuals.add(signal, transform(signal, value) - refer(signal, statistics).item);
  }
}
