/** @file Weights as 8-bit constants: a quarter of the size, products in integers, sums brought back to floats. */
import { AppError } from "../base/errors.js";
import {
  add,
  cast,
  dynamicQuantize,
  type Graph,
  gather,
  matmulInteger,
  mul,
  type Value,
} from "../graph/index.js";
import type { ParameterSpec } from "./parameter.js";
import { ConstantParameters, type ParameterSource } from "./parameter-source.js";
import { type QuantizationOptions, quantizeColumns, quantizeRows } from "./quantization.js";

/** Largest relative error that rounding made in any matrix. */
export interface RoundingReport {
  readonly name: string;
  readonly relativeError: number;
}

/**
 * Linear weights in int8 with a scale for each output, word rows in int8 with a scale each; the inputs of products are
 * quantised while running. Heads, norms, biases and small tables stay float32.
 */
export class QuantizedParameters implements ParameterSource {
  readonly #graph: Graph;
  readonly #specs: ReadonlyMap<string, ParameterSpec>;
  readonly #arrays: ReadonlyMap<string, Float32Array>;
  readonly #floats: ConstantParameters;
  readonly #options: QuantizationOptions;
  readonly #made = new Map<string, { readonly values: Value; readonly scales: Value }>();
  readonly #errors: RoundingReport[] = [];

  constructor(
    graph: Graph,
    specs: readonly ParameterSpec[],
    arrays: ReadonlyMap<string, Float32Array>,
    options: QuantizationOptions = {},
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

  linear(x: Value, name: string): Value {
    if (this.#specs.get(`${name}.weight`)?.group === "heads") return this.#floats.linear(x, name);
    const weight = this.#quantize(`${name}.weight`, "columns"); // [in, out], scales [out]
    const { values, scale, zeroPoint } = dynamicQuantize(x); // [rows, in]
    const sums = cast(matmulInteger(values, weight.values, zeroPoint), "float32"); // [rows, out]
    return add(mul(sums, mul(scale, weight.scales)), this.value(`${name}.bias`));
  }

  lookup(name: string, indices: Value): Value {
    const table = this.#quantize(name, "rows"); // [rows, columns], scales [rows, 1]
    return mul(cast(gather(table.values, indices), "float32"), gather(table.scales, indices));
  }

  #quantize(name: string, by: "rows" | "columns"): { readonly values: Value; readonly scales: Value } {
    const made = this.#made.get(name);
    if (made) return made;
    const spec = this.#specs.get(name);
    const data = this.#arrays.get(name);
    if (!spec || !data) {
      throw new AppError(
        "WEIGHTS_MISMATCH",
        `quantise: expected weights of ${name}, got none; load them first`,
      );
    }
    const [rows, columns] = spec.shape as [number, number];
    const { values, scales, error } = (by === "rows" ? quantizeRows : quantizeColumns)(
      data,
      rows,
      columns,
      this.#options,
    );
    this.#errors.push({ name, relativeError: error.relative });
    const parts = {
      values: this.#graph.constant("int8", [rows, columns], values),
      scales: this.#graph.constant("float32", by === "rows" ? [rows, 1] : [columns], scales),
    };
    this.#made.set(name, parts);
    return parts;
  }
}
