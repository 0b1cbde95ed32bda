/** @file Median and spread of all values ever seen, in bounded memory and the same in whatever order they came. */
import { z } from "zod";

/** Width of a bin: in log time about 3 %, so a median is off by 1.6 % at most. A power of two, so that centres are exact. */
const binWidth = 1 / 32;

/** Values beyond ±this are counted at the end: of log time more than an age, of log counts more than anyone has. */
const limit = 32;

/** Makes the median absolute deviation of normal values their standard deviation: 1 / Φ⁻¹(3/4). */
const normalConsistency = 1.4826;

/** What a sketch can be restored from: occupied bins, ascending, and how many values each holds. */
export const sketchStateSchema = z
  .strictObject({
    bins: z.array(
      z
        .int()
        .min(-limit / binWidth)
        .max(limit / binWidth),
    ),
    counts: z.array(z.int().positive()),
  })
  .refine(({ bins, counts }) => bins.length === counts.length, "expected as many counts as bins")
  .refine(
    ({ bins }) => bins.every((bin, i) => i === 0 || bin > (bins[i - 1] as number)),
    "expected ascending bins",
  );

/** State of a sketch, plain JSON. */
export type SketchState = z.infer<typeof sketchStateSchema>;

/** What a sketch knows. Median and spread are 0 where `count` is. */
export interface SketchSummary {
  /** Values seen. */
  readonly count: number;
  readonly median: number;
  /** Median absolute deviation on the scale of a standard deviation; 0 where more than half of the values share a bin. */
  readonly spread: number;
}

/** The summary of nothing. */
export const emptySummary: SketchSummary = Object.freeze({ count: 0, median: 0, spread: 0 });

/**
 * A histogram of bins of one width. Counts commute, so the order of values does not matter, which the five markers of
 * P² (Jain & Chlamtac 1985) or decaying medians could not promise for moments that arrive late. At most 2,049 bins,
 * some dozens in use.
 * @source bins of log values as a mergeable quantile sketch: Masson, Rim & Lee 2019, "DDSketch";
 *   median absolute deviation: Rousseeuw & Croux 1993, "Alternatives to the Median Absolute Deviation"
 */
export class QuantileSketch {
  readonly #bins: number[] = [];
  readonly #counts: number[] = [];
  #total = 0;
  #summary: SketchSummary | undefined;

  /** A sketch that goes on from a state that `sketchStateSchema` has passed. */
  static restore({ bins, counts }: SketchState): QuantileSketch {
    const sketch = new QuantileSketch();
    sketch.#bins.push(...bins);
    sketch.#counts.push(...counts);
    sketch.#total = counts.reduce((sum, count) => sum + count, 0);
    return sketch;
  }

  /** The state to save. */
  get state(): SketchState {
    return { bins: [...this.#bins], counts: [...this.#counts] };
  }

  /** Counts a finite value. */
  add(value: number): void {
    // `+ 0` makes −0 the 0 that JSON makes of it.
    const bin = Math.round(Math.min(limit, Math.max(-limit, value)) / binWidth) + 0;
    let [low, high] = [0, this.#bins.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#bins[middle] as number) < bin) low = middle + 1;
      else high = middle;
    }
    if (this.#bins[low] === bin) this.#counts[low] = (this.#counts[low] as number) + 1;
    else {
      this.#bins.splice(low, 0, bin);
      this.#counts.splice(low, 0, 1);
    }
    this.#total++;
    this.#summary = undefined;
  }

  /** What is known so far. */
  summarize(): SketchSummary {
    this.#summary ??= this.#total === 0 ? emptySummary : this.#compute();
    return this.#summary;
  }

  /** Counts in half bins, in which a median of two neighbouring bins is whole. */
  #compute(): SketchSummary {
    const bins = this.#bins;
    const counts = this.#counts;
    let next = 0;
    const median = findMiddle(this.#total, () => [2 * (bins[next] as number), counts[next++] as number]);

    // Outward from the median, the nearer side first, distances ascend.
    let right = bins.findIndex((bin) => 2 * bin >= median);
    let left = right - 1;
    const deviation = findMiddle(this.#total, () => {
      const below = left >= 0 ? median - 2 * (bins[left] as number) : Number.POSITIVE_INFINITY;
      const above = right < bins.length ? 2 * (bins[right] as number) - median : Number.POSITIVE_INFINITY;
      return [Math.min(below, above), counts[below < above ? left-- : right++] as number];
    });
    const unit = binWidth / 2;
    return Object.freeze({
      count: this.#total,
      median: median * unit,
      spread: normalConsistency * deviation * unit,
    });
  }
}

/**
 * The median of `total` values, 1 or more; of an even number the mean of the middle two.
 * @param next gives the next larger value and how many there are of it
 */
function findMiddle(total: number, next: () => readonly [value: number, count: number]): number {
  const lower = Math.floor((total - 1) / 2);
  const upper = Math.floor(total / 2);
  let [value, seen] = next();
  const advance = (rank: number): number => {
    while (seen <= rank) {
      const [larger, count] = next();
      value = larger;
      seen += count;
    }
    return value;
  };
  return (advance(lower) + advance(upper)) / 2;
}
