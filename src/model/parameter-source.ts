/** @file How an encoder gets at its weights: as inputs when training, as constants or 8-bit constants when exported. */
import { AppError } from "../base/errors.js";
import { type Graph, gather, gemm, type Value } from "../graph/index.js";
import type { ParameterSpec } from "./parameter.js";

/** The three ways in which weights are used. Shapes: `rows` is any number of rows. */
export interface ParameterSource {
  /** A parameter as it is. */
  value(name: string): Value;
  /**
   * x `[rows,in]` times `NAME.weight` `[in,out]` plus `NAME.bias` `[out]`.
   * @param floor a number that x never lies below, where there is one: 8 bits are then spent on what is above it
   */
  linear(x: Value, name: string, floor?: number): Value;
  /** Rows of table `name` `[rows,columns]` at int64 `indices`. */
  lookup(name: string, indices: Value): Value;
}

/** Weights as inputs of the graph, named as the parameters are: for training. */
export class InputParameters implements ParameterSource {
  readonly #values = new Map<string, Value>();
  /** What each table was asked for, by name: training takes gradients of the rows instead of the table. */
  readonly lookups = new Map<string, { readonly rows: Value; readonly indices: Value }>();

  constructor(graph: Graph, specs: readonly ParameterSpec[]) {
    for (const { name, shape } of specs) this.#values.set(name, graph.input(name, "float32", shape));
  }

  value(name: string): Value {
    return known(this.#values.get(name), name);
  }

  linear(x: Value, name: string): Value {
    return gemm(x, this.value(`${name}.weight`), this.value(`${name}.bias`));
  }

  lookup(name: string, indices: Value): Value {
    const rows = gather(this.value(name), indices);
    this.lookups.set(name, { rows, indices });
    return rows;
  }
}

/** Weights as float32 constants of the graph: for evaluation and for the fp32 export. */
export class ConstantParameters implements ParameterSource {
  readonly #graph: Graph;
  readonly #specs: ReadonlyMap<string, ParameterSpec>;
  readonly #arrays: ReadonlyMap<string, Float32Array>;
  readonly #values = new Map<string, Value>();

  constructor(graph: Graph, specs: readonly ParameterSpec[], arrays: ReadonlyMap<string, Float32Array>) {
    this.#graph = graph;
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#arrays = arrays;
  }

  value(name: string): Value {
    const made = this.#values.get(name);
    if (made) return made;
    const { shape } = known(this.#specs.get(name), name);
    const value = this.#graph.constant("float32", shape, known(this.#arrays.get(name), name), name);
    this.#values.set(name, value);
    return value;
  }

  linear(x: Value, name: string): Value {
    return gemm(x, this.value(`${name}.weight`), this.value(`${name}.bias`));
  }

  lookup(name: string, indices: Value): Value {
    return gather(this.value(name), indices);
  }
}

function known<T>(found: T | undefined, name: string): T {
  if (found === undefined) {
    throw new AppError(
      "WEIGHTS_MISMATCH",
      `parameter: expected one of the model's own, got ${name}; check the name`,
    );
  }
  return found;
}
