/**
 * @file Conformal prediction sets (RAPS): sets of classes that hold the true one in a stated share of messages.
 *
 * Deterministic form: the score of class y is the mass of the classes more probable than y plus a penalty for a
 * low rank. The top class always scores least, so a set is never empty and the same message always gets the same
 * set; split-conformal validity holds for any fixed score. Where the top class alone is right more often than the
 * coverage asked, sets are singletons and coverage exceeds what was asked.
 */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import { type Numbers, rankDescending } from "./probability.js";

/** Fitted RAPS parameters, as stored. */
export interface Conformal {
  readonly method: "raps";
  readonly coverage: number;
  readonly quantile: number;
  readonly penalty: number;
  readonly freeClasses: number;
}

/** What shapes a RAPS score: `penalty` for each rank beyond `freeClasses`. */
export type RapsShape = Pick<Conformal, "penalty" | "freeClasses">;

/** Penalties tried on the tuning half; those of the paper's own search. */
const penalties = [0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5];

/** Under this many rows the shape is fixed instead of tuned: a half would be too small to choose by. */
const leastRowsToTune = 200;

/**
 * RAPS scores of the classes from most to least probable: `mass before + penalty · max(0, rank − freeClasses)`, rank from 1.
 * @source Angelopoulos, Bates, Malik & Jordan, "Uncertainty Sets for Image Classifiers using Conformal Prediction", ICLR 2021 (with u = 0).
 */
export function scoreRanks(probabilities: Numbers, order: readonly number[], shape: RapsShape): Float64Array {
  const scores = new Float64Array(order.length);
  let massBefore = 0;
  order.forEach((index, place) => {
    scores[place] = massBefore + shape.penalty * Math.max(0, place + 1 - shape.freeClasses);
    massBefore += probabilities[index] as number;
  });
  return scores;
}

/** Class indices of the prediction set, most probable first, never empty. */
export function predictSet(
  probabilities: Numbers,
  conformal: RapsShape & { readonly quantile: number },
): number[] {
  const order = rankDescending(probabilities);
  const scores = scoreRanks(probabilities, order, conformal);
  return order.filter((_, place) => place === 0 || (scores[place] as number) <= conformal.quantile);
}

/**
 * The `⌈(n + 1) · coverage⌉`-th smallest score: the finite-sample corrected quantile; `Infinity` where n is too small for it.
 * @throws DATA_INVALID where there are no scores
 */
export function conformalQuantile(scores: Numbers, coverage: number): number {
  if (scores.length === 0) {
    throw new AppError("DATA_INVALID", "conformal: expected scores, got none; give labelled validation rows");
  }
  const rank = Math.ceil((scores.length + 1) * coverage - 1e-9);
  return rank > scores.length
    ? Number.POSITIVE_INFINITY
    : (Float64Array.from(scores).sort()[rank - 1] as number);
}

/** A row for fitting: probabilities `[classes]` and the index of the true class. */
export interface ConformalRow {
  readonly probabilities: Numbers;
  readonly truth: number;
}

interface RankedRow extends ConformalRow {
  readonly order: readonly number[];
  /** Rank of the true class, from 1. */
  readonly rank: number;
}

function quantileOf(rows: readonly RankedRow[], coverage: number, shape: RapsShape): number {
  const scores = rows.map((row) => scoreRanks(row.probabilities, row.order, shape)[row.rank - 1] as number);
  const quantile = conformalQuantile(scores, coverage);
  // JSON has no infinity: a score above any a class can have lets every class in just the same.
  const classes = rows[0]?.order.length ?? 0;
  return Number.isFinite(quantile) ? quantile : 2 + shape.penalty * classes;
}

function meanSetSize(rows: readonly RankedRow[], shape: RapsShape, quantile: number): number {
  let total = 0;
  for (const row of rows) {
    const scores = scoreRanks(row.probabilities, row.order, shape);
    total += Math.max(1, scores.filter((score) => score <= quantile).length);
  }
  return total / rows.length;
}

/** Free classes as in the paper (the rank that covers), penalty by the smallest mean set on rows not used for the quantile. */
function tuneShape(rows: readonly RankedRow[], coverage: number): RapsShape {
  const ranks = rows.map((row) => row.rank);
  const freeClasses = Math.max(1, Math.min(conformalQuantile(ranks, coverage), rows[0]?.order.length ?? 1));
  let best = { shape: { penalty: 0, freeClasses }, size: Number.POSITIVE_INFINITY };
  for (const penalty of penalties) {
    const shape = { penalty, freeClasses };
    const size = meanSetSize(rows, shape, quantileOf(rows, coverage, shape));
    if (size < best.size) best = { shape, size };
  }
  return best.shape;
}

/**
 * Fits RAPS: the shape on a seeded half of the rows, the quantile on the other, so that the guarantee holds.
 * With fewer than 200 rows the shape is fixed (penalty .01, two free classes) and all rows go to the quantile.
 * @param coverage share of messages whose set should hold the true class, in (0, 1)
 * @throws DATA_INVALID on no rows or a truth outside the classes
 * @throws CONFIG_INVALID on a coverage outside (0, 1)
 */
export function fitConformal(rows: readonly ConformalRow[], coverage: number, seed: number): Conformal {
  if (!(coverage > 0 && coverage < 1)) {
    throw new AppError(
      "CONFIG_INVALID",
      `conformal: expected a coverage between 0 and 1, got ${coverage}; 0.9 is usual`,
    );
  }
  if (rows.length === 0) {
    throw new AppError("DATA_INVALID", "conformal: expected labelled rows, got none; give validation data");
  }
  const ranked = rows.map((row, index): RankedRow => {
    const order = rankDescending(row.probabilities);
    const rank = order.indexOf(row.truth) + 1;
    if (rank === 0) {
      throw new AppError(
        "DATA_INVALID",
        `conformal: expected a class of 0 to ${order.length - 1}, got ${row.truth} in row ${index}; check the labels`,
      );
    }
    return { ...row, order, rank };
  });
  let calibrating = ranked;
  let shape: RapsShape = { penalty: 0.01, freeClasses: 2 };
  if (ranked.length >= leastRowsToTune) {
    const shuffled = Random.seeded(seed, "conformal").shuffle([...ranked]);
    const half = shuffled.length >> 1;
    shape = tuneShape(shuffled.slice(0, half), coverage);
    calibrating = shuffled.slice(half);
  }
  return { method: "raps", coverage, quantile: quantileOf(calibrating, coverage, shape), ...shape };
}
