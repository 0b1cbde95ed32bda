/** @file How fast a series rises or falls: a slope that neither outliers nor uneven gaps bend, with its 95 % interval. */
import { quantile } from "../metrics/bootstrap.js";

/** A slope for each unit of time. */
export interface Slope {
  /** Median of the slopes between all pairs; 0 where there is no pair of different times. */
  readonly slope: number;
  /** 95 % interval; −∞ and ∞ where the readings are too few (under five) to bound it. */
  readonly low: number;
  readonly high: number;
}

/** Tail of each side of the interval. */
const tail = 0.025;

/** Up to here the distribution of Kendall's statistic is counted out; beyond, the normal one stands in. */
const exactUpTo = 64;

/**
 * Theil–Sen slope with Sen's interval.
 *
 *     b = median of (vⱼ − vᵢ) / (tⱼ − tᵢ) over i < j with tᵢ < tⱼ
 *
 * The interval is that of Kendall's test turned round: it holds every slope that, taken away, leaves a series whose
 * order Kendall's test at 5 % does not tell from chance. It needs no shape of the noise, only that it is independent.
 * O(n² log n).
 * @param times ascending, equal ones allowed: such pairs say nothing and are left out
 * @source Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950; Sen, "Estimates of the
 *   regression coefficient based on Kendall's tau", JASA 63, 1968.
 */
export function estimateSlope(times: readonly number[], values: readonly number[]): Slope {
  const slopes: number[] = [];
  for (let j = 1; j < times.length; j++) {
    for (let i = 0; i < j; i++) {
      const gap = (times[j] as number) - (times[i] as number);
      if (gap > 0) slopes.push(((values[j] as number) - (values[i] as number)) / gap);
    }
  }
  const sorted = Float64Array.from(slopes).sort();
  if (sorted.length === 0) {
    return { slope: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  }
  const cut = countCutoff(times, sorted.length);
  return {
    slope: quantile(sorted, 0.5),
    low: sorted[cut] ?? Number.NEGATIVE_INFINITY,
    high: cut < 0 ? Number.POSITIVE_INFINITY : (sorted[sorted.length - 1 - cut] as number),
  };
}

/**
 * How many slopes may be cut off at each end: the largest d with P(discordant pairs ≤ d) ≤ 2.5 % by chance; −1 where
 * even d = 0 is more probable.
 */
function countCutoff(times: readonly number[], pairs: number): number {
  const n = times.length;
  const tied = pairs < (n * (n - 1)) / 2;
  if (!tied && n <= exactUpTo) return exactCutoff(n);
  // Var S with tied times, Kendall, "Rank correlation methods", 1970; S = pairs − 2d; half a step for continuity.
  let variance = (n * (n - 1) * (2 * n + 5)) / 18;
  for (const size of countTies(times)) variance -= (size * (size - 1) * (2 * size + 5)) / 18;
  return Math.max(-1, Math.floor((pairs - 1 - 1.959964 * Math.sqrt(variance)) / 2));
}

function countTies(times: readonly number[]): number[] {
  const sizes: number[] = [];
  let start = 0;
  for (let i = 1; i <= times.length; i++) {
    if (times[i] === times[start]) continue;
    sizes.push(i - start);
    start = i;
  }
  return sizes;
}

const cutoffs = new Map<number, number>();

/**
 * From the distribution of the number of inversions of a random order, counted by adding one element at a time:
 * P_n(d) = Σ_{k < n} P_{n−1}(d − k) / n.
 * @source Kendall, "A new measure of rank correlation", Biometrika 30, 1938.
 */
function exactCutoff(n: number): number {
  const known = cutoffs.get(n);
  if (known !== undefined) return known;
  let distribution = new Float64Array([1]);
  for (let size = 2; size <= n; size++) {
    const next = new Float64Array((size * (size - 1)) / 2 + 1);
    for (let d = 0; d < next.length; d++) {
      let sum = 0;
      for (let k = Math.max(0, d - distribution.length + 1); k < size && k <= d; k++) {
        sum += distribution[d - k] as number;
      }
      next[d] = sum / size;
    }
    distribution = next;
  }
  let cut = -1;
  let below = 0;
  for (const share of distribution) {
    below += share;
    if (below > tail) break;
    cut++;
  }
  cutoffs.set(n, cut);
  return cut;
}
