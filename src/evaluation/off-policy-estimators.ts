/** @file The off-policy estimators, each with its formula and source. */
import { quantile } from "../metrics/bootstrap.js";
import { linearise, poolByLearner, type Quotients } from "./quotient.js";
import type { ModelColumns, WeightedLog } from "./weighted-log.js";

// Throughout: n rows (x, a, r) logged with a ~ μ(·|x); π the judged policy; w = π(a|x) / μ(a|x); q the outcome model;
// d(x) = Σₐ π(a|x) q(x,a).

/** (1/n) Σ term: a mean as a quotient, since the number of rows varies with the learners drawn. */
function mean(log: WeightedLog, term: (row: number) => number): Quotients {
  return [
    {
      over: Float64Array.from({ length: log.rows }, (_, i) => term(i)),
      under: new Float64Array(log.rows).fill(1),
    },
  ];
}

/** Σ term / Σ w. */
function normalise(log: WeightedLog, term: (row: number) => number): Quotients {
  return [{ over: Float64Array.from({ length: log.rows }, (_, i) => term(i)), under: log.weight }];
}

const at = (column: Float64Array, row: number): number => column[row] as number;

/** w (r − q(x,a)): what the outcome model missed, weighted to the judged policy. */
const correct = (log: WeightedLog, model: ModelColumns, row: number): number =>
  at(log.weight, row) * (at(log.outcome, row) - at(model.logged, row));

/** V = (1/n) Σ r: what the logging policy itself earned; nothing is assumed. */
export const onPolicy = (log: WeightedLog): Quotients => mean(log, (i) => at(log.outcome, i));

/**
 * V = (1/n) Σ w r. Unbiased where propensities are right and μ(a|x) > 0 wherever π(a|x) > 0.
 * @source Horvitz & Thompson, "A generalization of sampling without replacement from a finite universe", 1952.
 */
export const ips = (log: WeightedLog): Quotients => mean(log, (i) => at(log.weight, i) * at(log.outcome, i));

/**
 * V = (1/n) Σ min(w, M) r. Less variance than IPS; biased towards 0 by the mass cut off.
 * @source Ionides, "Truncated importance sampling", 2008.
 */
export const clippedIps = (log: WeightedLog, clipAt: number): Quotients =>
  mean(log, (i) => Math.min(at(log.weight, i), clipAt) * at(log.outcome, i));

/**
 * V = Σ w r / Σ w. Stays within the outcomes seen and moves with them when a constant is added; bias of order 1/n.
 * @source Swaminathan & Joachims, "The self-normalized estimator for counterfactual learning", 2015.
 */
export const snips = (log: WeightedLog): Quotients =>
  normalise(log, (i) => at(log.weight, i) * at(log.outcome, i));

/** V = (1/n) Σ d(x). As right as the outcome model; its interval knows nothing of the model's error. */
export const directMethod = (log: WeightedLog, model: ModelColumns): Quotients =>
  mean(log, (i) => at(model.direct, i));

/**
 * V = (1/n) Σ [d(x) + w (r − q(x,a))]. Unbiased where either the propensities or the model are right.
 * @source Dudík, Langford & Li, "Doubly robust policy evaluation and learning", 2011.
 */
export const doublyRobust = (log: WeightedLog, model: ModelColumns): Quotients =>
  mean(log, (i) => at(model.direct, i) + correct(log, model, i));

/**
 * V = (1/n) Σ [d(x) + w · 1(w ≤ τ) (r − q(x,a))]. Doubly robust where weights are small, the model alone where they are
 * large. Bias: E_π[(E[r|x,a] − q(x,a)) · 1(w > τ)], which no interval shows.
 * @source Wang, Agarwal & Dudík, "Optimal and adaptive off-policy evaluation in contextual bandits", 2017.
 */
export const switchDr = (log: WeightedLog, model: ModelColumns, switchAt: number): Quotients =>
  mean(log, (i) => at(model.direct, i) + (at(log.weight, i) <= switchAt ? correct(log, model, i) : 0));

/**
 * V = (1/n) Σ d(x) + Σ w (r − q(x,a)) / Σ w. As DR, the correction being normalised as in SNIPS.
 * @source Thomas & Brunskill, "Data-efficient off-policy policy evaluation for reinforcement learning", 2016 (weighted
 *   doubly robust); Kallus & Uehara, "Intrinsically efficient, stable, and bounded off-policy evaluation for reinforcement
 *   learning", 2019, give this form for one decision.
 */
export const selfNormalisedDr = (log: WeightedLog, model: ModelColumns): Quotients => [
  ...directMethod(log, model),
  ...normalise(log, (i) => correct(log, model, i)),
];

/** (1/n) Σ w. Expected to be 1 where propensities are right and every level the judged policy wants can be logged. */
export const meanWeight = (log: WeightedLog): Quotients => mean(log, (i) => at(log.weight, i));

/** From which weight on switch-DR trusts the model alone. */
export interface Switching {
  /** τ: weights above are not used. */
  readonly at: number;
  /** Whether τ was chosen from the data; the intervals hold it fixed all the same. */
  readonly chosen: boolean;
  /** Share of the judged policy's choices whose weight is above τ, [0, 1]; estimated, where the log has no `logging`. */
  readonly massAbove: number;
  /** massAbove · span of outcomes and predictions seen: no larger bias if true means lie in that span. In units of outcome. */
  readonly biasBound: number;
}

/** E_π[1(w > τ)]: by the logging policy's probabilities where they are known, else (1/n) Σ w · 1(w > τ). */
function massAbove(log: WeightedLog, switchAt: number): number {
  let mass = 0;
  log.choices.forEach(({ target, logging }, i) => {
    if (logging === undefined) {
      if (at(log.weight, i) > switchAt) mass += at(log.weight, i);
      return;
    }
    target.forEach((probability, level) => {
      // A level that is never logged here has an infinite weight.
      if (probability > 0 && probability / (logging[level] as number) > switchAt) mass += probability;
    });
  });
  return Math.min(1, mass / log.rows);
}

/** Largest difference between any two of the outcomes and predictions seen. */
function measureSpan(log: WeightedLog): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { outcome, predictions = [] } of log.choices) {
    for (const value of [outcome, ...predictions]) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return most - least;
}

/** Candidates for τ; 21, evenly on a logarithmic scale, is an assumption. The last, the largest weight, is DR itself. */
function listCandidates(weights: Float64Array): number[] {
  const sorted = weights.filter((weight) => weight > 0).sort();
  const low = quantile(sorted, 0.05);
  const high = sorted.at(-1) as number;
  const steps = 20;
  const inner = Array.from({ length: steps }, (_, i) => low * (high / low) ** (i / steps));
  return [...inner, high];
}

/**
 * Chooses τ by least estimated mean squared error, se²(τ) + (massAbove(τ) · span)², or takes the one given.
 * The bound on the bias supposes the model as wrong as could be, so that a good model is trusted too seldom.
 * @param given τ, 0 or more
 * @source Wang, Agarwal & Dudík, 2017: variance plus squared bound on the bias; by learner and with the span of values
 *   seen as the bound on outcomes here.
 */
export function chooseSwitch(log: WeightedLog, model: ModelColumns, given: number | undefined): Switching {
  const span = measureSpan(log);
  const assess = (switchAt: number): { switching: Switching; error: number } => {
    const mass = massAbove(log, switchAt);
    const { standardError } = linearise(poolByLearner(switchDr(log, model, switchAt), log));
    const biasBound = mass * span;
    return {
      switching: { at: switchAt, chosen: given === undefined, massAbove: mass, biasBound },
      error: (standardError ?? 0) ** 2 + biasBound ** 2,
    };
  };
  if (given !== undefined) return assess(given).switching;
  // Largest first, so that of equals the one with the least bias is kept.
  const assessed = listCandidates(log.weight).reverse().map(assess);
  return assessed.reduce((best, one) => (one.error < best.error ? one : best)).switching;
}
