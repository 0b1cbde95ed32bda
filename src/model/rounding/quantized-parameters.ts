/** @file Weights as 8-bit constants (words as 4-bit ones if asked): a quarter of the size, products in integers, sums brought back to floats. */
import { AppError } from "../../base/errors.js";
import {
  abs,
  add,
  cast,
  div,
  type Graph,
  gather,
  matmulInteger,
  mul,
  quantizeLinear,
  reduceMax,
  type Value,
} from "../../graph/index.js";
import type { ParameterSpec } from "../parameter.js";
import { ConstantParameters, type ParameterSource } from "../parameter-source.js";
import { constantNames } from "./constant-names.js";
import { type FourBitTable, lookUpFourBits, storeFourBits } from "./four-bit-table.js";
import {
  type QuantizationOptions,
  quantizeBlocks,
  quantizeColumns,
  quantizeRows,
  raiseBias,
} from "./quantization.js";

/** Bits of a number in a word table. */
export type WordBits = 8 | 4;

/** How a model's weights are rounded. */
export interface RoundingOptions extends QuantizationOptions {
  /** 8: a scale for each word (default). 4: half the size, a scale for every 32 columns of a word. */
  readonly wordBits?: WordBits;
}

/** Largest relative error that rounding made in any matrix. */
export interface RoundingReport {
  readonly name: string;
  readonly relativeError: number;
}

/** Columns of a word that share a scale in 4 bits. */
const wordBlock = 32;
/** Keeps the scale of a row of zeros above 0, and is far below what any other row has. */
const smallestScale = 1e-12;

/** A matrix in int8 with its scales. */
interface QuantizedConstant {
  readonly values: Value;
  readonly scales: Value;
}

/** The inputs of a product in 8 bits: uint8 `[rows,in]`, a scale for each row `[rows,1]`, one zero point. */
interface QuantizedRows {
  readonly values: Value;
  readonly scales: Value;
  readonly zeroPoint: Value;
}

/** Each row from −max |x| to max |x|. */
function quantizeSigned(x: Value): QuantizedRows {
  const zeroPoint = x.graph.constant("uint8", [], Uint8Array.of(128));
  const scales = add(mul(reduceMax(abs(x), [1], true), 1 / 127), smallestScale);
  return { values: quantizeLinear(div(x, scales), x.graph.scalar(1), zeroPoint), scales, zeroPoint };
}

/** Each row from `floor` up to its largest, as x − floor: all 256 steps where x is never below. */
function quantizeAbove(x: Value, floor: number): QuantizedRows {
  const zeroPoint = x.graph.constant("uint8", [], Uint8Array.of(0));
  const raised = add(x, -floor);
  const scales = add(mul(reduceMax(raised, [1], true), 1 / 255), smallestScale);
  return { values: quantizeLinear(div(raised, scales), x.graph.scalar(1), zeroPoint), scales, zeroPoint };
}

/**
 * Linear weights in int8 with a scale for each output, word rows in int8 with a scale each or in 4 bits with one for
 * each block. The inputs of products are quantised while running, each token with a scale of its own: so a text's answer
 * does not depend on what else is in its batch, as it would with one scale for all. Heads, norms, biases and small tables
 * stay float32.
 */
export class QuantizedParameters implements ParameterSource {
  readonly #graph: Graph;
  readonly #specs: ReadonlyMap<string, ParameterSpec>;
  readonly #arrays: ReadonlyMap<string, Float32Array>;
  readonly #floats: ConstantParameters;
  readonly #options: RoundingOptions;
  readonly #made = new Map<string, QuantizedConstant>();
  readonly #tables = new Map<string, FourBitTable>();
  readonly #errors: RoundingReport[] = [];

  constructor(
    graph: Graph,
    specs: readonly ParameterSpec[],
    arrays: ReadonlyMap<string, Float32Array>,
    options: RoundingOptions = {},
  ) {
    this.#graph = graph;
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#arrays = arrays;
    this.#floats = new ConstantParameters(graph, specs, arrays);
    this.#options = options;
  }

  /** What rounding cost, by matrix. */
  get errors(): readonly RoundingReport[] {
    return this.#errors;
  }

  value(name: string): Value {
    return this.#floats.value(name);
  }

  linear(x: Value, name: string, floor?: number): Value {
    if (this.#specs.get(`${name}.weight`)?.group === "heads") return this.#floats.linear(x, name);
    const weight = this.#quantize(`${name}.weight`, "columns"); // [in, out], scales [out]
    const { values, scales, zeroPoint } = floor === undefined ? quantizeSigned(x) : quantizeAbove(x, floor);
    const sums = cast(matmulInteger(values, weight.values, zeroPoint), "float32"); // [rows, out]
    const bias = floor === undefined ? this.value(`${name}.bias`) : this.#shiftBias(name, weight, floor);
    return add(mul(mul(sums, scales), weight.scales), bias);
  }

  #shiftBias(name: string, weight: QuantizedConstant, floor: number): Value {
    const bias = raiseBias(
      Float32Array.from(this.#arrays.get(`${name}.bias`) ?? []),
      weight.values.constant as Int8Array,
      weight.scales.constant as Float32Array,
      floor,
    );
    return this.#graph.constant("float32", [bias.length], bias, constantNames.raisedBias(name));
  }

  lookup(name: string, indices: Value): Value {
    if (this.#options.wordBits === 4) return lookUpFourBits(this.#storeFourBits(name), indices);
    const table = this.#quantize(name, "rows"); // [rows, columns], scales [rows, 1]
    return mul(cast(gather(table.values, indices), "float32"), gather(table.scales, indices));
  }

  #storeFourBits(name: string): FourBitTable {
    const made = this.#tables.get(name);
    if (made) return made;
    const { data, rows, columns } = this.#find(name);
    const blocks = quantizeBlocks(data, rows, columns, wordBlock);
    this.#errors.push({ name, relativeError: blocks.error.relative });
    const table = storeFourBits(this.#graph, blocks, columns, name);
    this.#tables.set(name, table);
    return table;
  }

  #find(name: string): { readonly data: Float32Array; readonly rows: number; readonly columns: number } {
    const spec = this.#specs.get(name);
    const data = this.#arrays.get(name);
    if (!spec || !data) {
      throw new AppError(
        "WEIGHTS_MISMATCH",
        `quantise: expected weights of ${name}, got none; load them first`,
      );
    }
    const [rows, columns] = spec.shape as [number, number];
    return { data, rows, columns };
  }

  #quantize(name: string, by: "rows" | "columns"): QuantizedConstant {
    const made = this.#made.get(name);
    if (made) return made;
    const { data, rows, columns } = this.#find(name);
    const { values, scales, error } = (by === "rows" ? quantizeRows : quantizeColumns)(
      data,
      rows,
      columns,
      this.#options,
    );
    this.#errors.push({ name, relativeError: error.relative });
    const parts = {
      values: this.#graph.constant("int8", [rows, columns], values, name),
      scales: this.#graph.constant(
        "float32",
        by === "rows" ? [rows, 1] : [columns],
        scales,
        constantNames.scales(name),
      ),
    };
    this.#made.set(name, parts);
    return parts;
  }
}
