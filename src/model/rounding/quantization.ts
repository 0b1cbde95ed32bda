/** @file Turns trained weights into int8 with a scale for each output, or into 4 bits by blocks, and measures what that costs. */
import { AppError } from "../../base/errors.js";

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

/** A table in 4 bits: `weight ≈ value × scale × unit`, with a scale for each block of a row and a unit for each row. */
export interface QuantizedBlocks {
  /** `[rows, blocks × size]`, −8 to 7; zeros behind the last column. */
  readonly values: Int8Array;
  /** `[rows, blocks]`, within ±127 and never 0: the scale of each block in units of its row. */
  readonly scales: Int8Array;
  /** `[rows]`, so that the largest scale of a row is 127; 1 where all of the row is zero. */
  readonly units: Float32Array;
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

/**
 * The bias `[columns]` that makes up for a product's inputs having been raised by −floor: b + floor · Σ in W. With the
 * negative floor it is undone.
 * @param values W in int8 `[rows, columns]`, with a scale for each column
 */
export function raiseBias(
  bias: Float32Array,
  values: Int8Array,
  scales: Float32Array,
  floor: number,
): Float32Array {
  const columns = bias.length;
  const sums = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) {
    sums[i % columns] = (sums[i % columns] as number) + (values[i] as number);
  }
  return bias.map((b, column) => b + floor * (sums[column] as number) * (scales[column] as number));
}

/** The numbers of 4 bits reach from −8 to 7. */
const fourBitLimit = 8;
/** Steps in which a row's scales are stored. */
const scaleSteps = 127;

/**
 * Quantises a table `[rows, columns]` to 4 bits with a scale for each `size` columns of a row: half to even, each block
 * clipped as loses least in squared error. A scale has the sign that makes its block's largest weight the −8, which the
 * positive side lacks. The scales are stored in 8 bits themselves, in units of their row; what is chosen and measured is
 * the scale as it is stored.
 * @source scales that are quantised in turn: Dettmers, Pagnoni, Holtzman & Zettlemoyer, "QLoRA: Efficient Finetuning of
 * Quantized LLMs", 2023
 * @throws MODEL_SHAPE when the data is not `rows × columns` long
 * @throws TRAINING_DIVERGED when a weight is NaN or infinite
 */
export function quantizeBlocks(
  data: Float32Array,
  rows: number,
  columns: number,
  size: number,
): QuantizedBlocks {
  requireSize("quantizeBlocks", data, rows, columns);
  const blocks = Math.ceil(columns / size);
  const turned = new Float32Array(rows * blocks * size); // the zeros at the end are exact under any scale
  const signs = new Int8Array(rows * blocks);
  const units = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const weights = data.subarray(row * columns, (row + 1) * columns);
    const largest = findLargest(weights, row);
    units[row] = largest < negligible ? 1 : largest / (fourBitLimit * scaleSteps);
    for (let block = 0; block < blocks; block++) {
      const at = row * blocks + block;
      const part = weights.subarray(block * size, (block + 1) * size);
      const sign = part.includes(findLargest(part, at)) ? -1 : 1;
      signs[at] = sign;
      for (let i = 0; i < part.length; i++) turned[at * size + i] = sign * (part[i] as number);
    }
  }
  const unit = (block: number): number => units[Math.floor(block / blocks)] as number;
  const count = (scale: number, block: number): number =>
    Math.min(Math.max(roundEven(scale / unit(block)), 1), scaleSteps);
  const { values, scales, error } = quantize(
    turned,
    { groups: rows * blocks, size, groupStride: size, stride: 1 },
    {
      clipping: "squared-error",
      limit: fourBitLimit,
      highest: fourBitLimit - 1,
      hold: (scale, block) => Math.fround(count(scale, block) * unit(block)),
    },
  );
  const signed = Int8Array.from(scales, (scale, block) => count(scale, block) * (signs[block] as number));
  return { values, scales: signed, units, error };
}

/** Where the members of each group lie: group g, member i at `g · groupStride + i · stride`. */
interface Grouping {
  readonly groups: number;
  readonly size: number;
  readonly groupStride: number;
  readonly stride: number;
}

/** How values and scales are held. */
interface Rounding {
  readonly clipping?: QuantizationOptions["clipping"];
  readonly limit?: number;
  /** Largest positive value: the limit by default. */
  readonly highest?: number;
  /** The scale of a group as it will be stored, so that what is measured is what is stored; as fp32 by default. */
  readonly hold?: (scale: number, group: number) => number;
}

function quantize(data: Float32Array, grouping: Grouping, rounding: Rounding): QuantizedMatrix {
  const { groups, size, groupStride, stride } = grouping;
  const { limit = 127, highest = limit } = rounding;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(groups);
  const group = new Float32Array(size); // gathered once, since a column's members lie far apart
  let max = 0;
  let lost = 0;
  let total = 0;
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < size; i++) group[i] = data[g * groupStride + i * stride] as number;
    const scale = chooseScale(group, g, rounding);
    scales[g] = scale;
    for (let i = 0; i < size; i++) {
      const weight = group[i] as number;
      const value = round(weight / scale, limit, highest);
      const difference = Math.abs(weight - value * scale);
      values[g * groupStride + i * stride] = value;
      if (difference > max) max = difference;
      lost += difference * difference;
      total += weight * weight;
    }
  }
  return { values, scales, error: { max, relative: total === 0 ? 0 : Math.sqrt(lost / total) } };
}

function chooseScale(group: Float32Array, index: number, rounding: Rounding): number {
  const { clipping = "none", limit = 127, highest = limit, hold = Math.fround } = rounding;
  const largest = findLargest(group, index);
  if (largest < negligible) return hold(1, index);
  let best = hold(largest / limit, index);
  if (clipping === "none") return best;
  let least = Number.POSITIVE_INFINITY;
  for (const share of clippings) {
    const scale = hold((largest * share) / limit, index);
    const loss = measureLoss(group, scale, limit, highest, least);
    if (loss < least) {
      least = loss;
      best = scale;
    }
  }
  return best;
}

/** Largest magnitude of a group. @throws TRAINING_DIVERGED when a weight is NaN or infinite */
function findLargest(group: Float32Array, index: number): number {
  let largest = 0;
  for (let i = 0; i < group.length; i++) {
    const magnitude = Math.abs(group[i] as number);
    if (!(magnitude <= 3.5e38)) refuseWeight(group[i] as number, index, i); // NaN fails every comparison
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Sum of squared differences, given up once it is no better than `bound`. */
function measureLoss(
  group: Float32Array,
  scale: number,
  limit: number,
  highest: number,
  bound: number,
): number {
  let loss = 0;
  for (let i = 0; i < group.length && loss < bound; i++) {
    const weight = group[i] as number;
    const difference = weight - round(weight / scale, limit, highest) * scale;
    loss += difference * difference;
  }
  return loss;
}

function round(x: number, limit: number, highest: number): number {
  return Math.min(Math.max(roundEven(x), -limit), highest);
}

function roundEven(x: number): number {
  return x + rounder - rounder;
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
