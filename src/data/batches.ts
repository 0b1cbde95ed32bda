/** @file Which rows make up which batch: pure in (seed, epoch), so that a position in the data is (epoch, batch) and nothing more. */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";

/** What an epoch is planned from. */
export interface EpochPlan {
  /** Tokens of each row, `[rows]`. */
  readonly lengths: ArrayLike<number>;
  /** How often each row is seen in an epoch on average, `[rows]`: 2.5 is twice, and in half of the epochs once more. */
  readonly weights: ArrayLike<number>;
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
}

/** Batches sorted by length together: more leave less padding, fewer leave the order more random. */
const batchesSortedTogether = 100;

/**
 * Plans an epoch: rows drawn by weight and shuffled, sorted by length within large chunks, cut into batches, and the
 * batches shuffled, so that a batch holds rows of about one length and their order still is random.
 * @returns row indices of each batch, `[batches][≤ batchSize]`; at most one batch is short
 * @throws USAGE
 */
export function planEpoch(plan: EpochPlan): Int32Array[] {
  const { lengths, weights, batchSize } = plan;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new AppError(
      "USAGE",
      `batches: expected a batch size of 1 or more, got ${batchSize}; correct batchSize`,
    );
  }
  if (lengths.length !== weights.length) {
    throw new AppError(
      "USAGE",
      `batches: expected a length and a weight for each row, got ${lengths.length} and ${weights.length}; pass both for all rows`,
    );
  }
  const random = Random.seeded(plan.seed, `epoch ${plan.epoch}`);
  const rows = random.shuffle(drawRows(weights, random));
  const batches: Int32Array[] = [];
  const chunk = batchSize * batchesSortedTogether;
  for (let start = 0; start < rows.length; start += chunk) {
    const sorted = rows
      .slice(start, start + chunk)
      .sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
    for (let i = 0; i < sorted.length; i += batchSize)
      batches.push(Int32Array.from(sorted.slice(i, i + batchSize)));
  }
  return random.shuffle(batches);
}

/** Share of a plan's tokens that is padding, [0, 1): each batch is as wide as its longest row. */
export function paddingShare(batches: readonly Int32Array[], lengths: ArrayLike<number>): number {
  let used = 0;
  let all = 0;
  for (const batch of batches) {
    let widest = 0;
    for (const row of batch) {
      const length = lengths[row] as number;
      used += length;
      if (length > widest) widest = length;
    }
    all += widest * batch.length;
  }
  return all === 0 ? 0 : 1 - used / all;
}

const drawRows = (weights: ArrayLike<number>, random: Random): number[] => {
  const rows: number[] = [];
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    if (!(weight >= 0 && weight < 1e6)) {
      throw new AppError(
        "USAGE",
        `batches: expected weights of 0 or more, got ${weight} for row ${row}; correct it`,
      );
    }
    const times = Math.floor(weight) + (random.float() < weight % 1 ? 1 : 0);
    for (let i = 0; i < times; i++) rows.push(row);
  }
  return rows;
};
