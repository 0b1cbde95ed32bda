/** @file Turns trained weights into int8 with a scale for each output, and measures what that costs. */
import { AppError } from "../base/errors.js";

/** How the scales are chosen. */
export interface QuantizationOptions {
  /**
   * `none`: the largest weight of a group maps to the limit. `squared-error`: per group, the clipping (from none to
   * 40 % off) that loses least in squared error; helps groups with a few outliers.
   */
  readonly clipping?: "none" | "squared-error";
  /** Largest magnitude: 127, or 63 where products of two int8 pairs must fit 16 bits (x86 without VNNI). */
  readonly limit?: 127 | 63;
}

/** A matrix in int8: `weight ≈ value × scale` of its group. */
export interface QuantizedMatrix {
  /** Row-major, in the layout of the input; within ±limit, never −128. */
  readonly values: Int8Array;
  /** One for each column or row; 1 where all of it is zero. */
  readonly scales: Float32Array;
  readonly error: QuantizationError;
}

/** What quantising loses. */
export interface QuantizationError {
  /** Largest difference between a weight and what stands for it. */
  readonly max: number;
  /** Norm of all differences over the norm of the weights; 0 for an all-zero matrix. */
  readonly relative: number;
}

/** Shares of the largest weight that `squared-error` tries, the widest first, so that it wins a tie. */
const clippings = Array.from({ length: 21 }, (_, i) => 1 - 0.02 * i);
/** Below this a whole group counts as zero: its scale could not be held in fp32 with any precision. */
const negligible = 1e-30;
/** Adding and taking off 1.5 × 2^52 rounds a double to an integer, half to even, as ONNX's QuantizeLinear does. */
const rounder = 6755399441055744;

/**
 * Quantises a weight `[rows, columns]` with a scale for each column, the outputs of `x · W`: symmetric, half to even.
 * @throws MODEL_SHAPE when the data is not `rows × columns` long
 * @throws TRAINING_DIVERGED when a weight is NaN or infinite
 */
export function quantizeColumns(
  data: Float32Array,
  rows: number,
  columns: number,
  options: QuantizationOptions = {},
): QuantizedMatrix {
  requireSize("quantizeColumns", data, rows, columns);
  return quantize(data, { groups: columns, size: rows, groupStride: 1, stride: columns }, options);
}

/**
 * Quantises a table `[rows, columns]` with a scale for each row, as embeddings are looked up: symmetric, half to even.
 * @throws MODEL_SHAPE when the data is not `rows × columns` long
 * @throws TRAINING_DIVERGED when a weight is NaN or infinite
 */
export function quantizeRows(
  data: Float32Array,
  rows: number,
  columns: number,
  options: QuantizationOptions = {},
): QuantizedMatrix {
  requireSize("quantizeRows", data, rows, columns);
  return quantize(data, { groups: rows, size: columns, groupStride: columns, stride: 1 }, options);
}

/** Where the members of each group lie: group g, member i at `g · groupStride + i · stride`. */
interface Grouping {
  readonly groups: number;
  readonly size: number;
  readonly groupStride: number;
  readonly stride: number;
}

function quantize(data: Float32Array, grouping: Grouping, options: QuantizationOptions): QuantizedMatrix {
  const { groups, size, groupStride, stride } = grouping;
  const { clipping = "none", limit = 127 } = options;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(groups);
  const group = new Float32Array(size); // gathered once, since a column's members lie far apart
  let max = 0;
  let lost = 0;
  let total = 0;
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < size; i++) group[i] = data[g * groupStride + i * stride] as number;
    const scale = chooseScale(group, limit, clipping, g);
    scales[g] = scale;
    for (let i = 0; i < size; i++) {
      const weight = group[i] as number;
      const value = round(weight / scale, limit);
      const difference = Math.abs(weight - value * scale);
      values[g * groupStride + i * stride] = value;
      if (difference > max) max = difference;
      lost += difference * difference;
      total += weight * weight;
    }
  }
  return { values, scales, error: { max, relative: total === 0 ? 0 : Math.sqrt(lost / total) } };
}

/** The scale as fp32 will hold it, so that what is measured is what is stored. */
function chooseScale(
  group: Float32Array,
  limit: number,
  clipping: QuantizationOptions["clipping"],
  index: number,
): number {
  let largest = 0;
  for (let i = 0; i < group.length; i++) {
    const magnitude = Math.abs(group[i] as number);
    if (!(magnitude <= 3.5e38)) refuseWeight(group[i] as number, index, i); // NaN fails every comparison
    if (magnitude > largest) largest = magnitude;
  }
  if (largest < negligible) return 1;
  let best = Math.fround(largest / limit);
  if (clipping === "none") return best;
  let least = Number.POSITIVE_INFINITY;
  for (const share of clippings) {
    const scale = Math.fround((largest * share) / limit);
    const loss = measureLoss(group, scale, limit, least);
    if (loss < least) {
      least = loss;
      best = scale;
    }
  }
  return best;
}

/** Sum of squared differences, given up once it is no better than `bound`. */
function measureLoss(group: Float32Array, scale: number, limit: number, bound: number): number {
  let loss = 0;
  for (let i = 0; i < group.length && loss < bound; i++) {
    const weight = group[i] as number;
    const difference = weight - round(weight / scale, limit) * scale;
    loss += difference * difference;
  }
  return loss;
}

function round(x: number, limit: number): number {
  const whole = x + rounder - rounder;
  return Math.min(Math.max(whole, -limit), limit);
}

function requireSize(where: string, data: Float32Array, rows: number, columns: number): void {
  if (data.length === rows * columns) return;
  throw new AppError(
    "MODEL_SHAPE",
    `${where}: expected ${rows} × ${columns} = ${rows * columns} weights, got ${data.length}; give the matrix's own shape`,
  );
}

function refuseWeight(weight: number, group: number, member: number): never {
  throw new AppError(
    "TRAINING_DIVERGED",
    `quantize: expected finite weights, got ${weight} in group ${group} at ${member}; export an earlier checkpoint`,
  );
}
