/** @file A graph under construction: inputs, constants, nodes and named outputs. */
import { AppError } from "../base/errors.js";
import { type Dim, multiplyDims, printShape, type Shape } from "../base/shape.js";
import type { ElementType, OpAttributes, OpName } from "./attributes.js";
import { registry } from "./registry.js";
import type { ConstantData, GraphContext, Node, Value } from "./value.js";

/** A positive whole number, or symbols (perhaps with a number) joined by `*`. */
const isDim = (dim: Dim): boolean =>
  typeof dim === "number"
    ? Number.isInteger(dim) && dim > 0
    : dim.split("*").every((part) => /^([A-Za-z_]\w*|[1-9]\d*)$/.test(part));

/**
 * Collects what functions such as `add` and `matmul` build. Nodes stand in an order in which they can be run.
 * Equal nodes are shared, since every op is pure.
 * @example
 * const graph = new Graph();
 * const x = graph.input("x", "float32", ["batch", 4]);
 * graph.output("y", softmax(x));
 */
export class Graph implements GraphContext {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #scalars = new Map<string, Value>();
  readonly #shared = new Map<string, readonly Value[]>();
  #made = 0;

  /**
   * Declares an input. Dimensions are numbers or symbols: `["batch", "tokens"]`.
   * @throws GRAPH_SHAPE when the name is empty or taken, or a dimension is neither a positive whole number nor a symbol
   */
  input(name: string, type: ElementType, shape: Shape): Value {
    if (!shape.every(isDim)) {
      throw new AppError(
        "GRAPH_SHAPE",
        `input ${name}: expected positive sizes, got ${printShape(shape)}; use a symbol for what varies`,
      );
    }
    this.#take(name);
    const dims = shape.map((dim) => multiplyDims([dim]));
    const value: Value = { graph: this, name, type, shape: dims };
    this.inputs.push(value);
    return value;
  }

  /**
   * A constant tensor.
   * @param name under which it stands in the model, to be found again (`readConstants`); equal small ones without a name are shared
   * @throws GRAPH_SHAPE when `data` has another length than `dims` say, or the name is taken
   */
  constant(type: ElementType, dims: readonly number[], data: ConstantData, name?: string): Value {
    if (multiplyDims(dims) !== data.length) {
      throw new AppError(
        "GRAPH_SHAPE",
        `constant: expected ${multiplyDims(dims)} elements for ${printShape(dims)}, got ${data.length}; match them`,
      );
    }
    if (name !== undefined) {
      this.#take(name);
      return { graph: this, name, type, shape: dims, constant: data };
    }
    const key =
      dims.length === 0 || (dims.length === 1 && data.length <= 8)
        ? `${type}${printShape(dims)}${data.join()}`
        : undefined;
    const known = key === undefined ? undefined : this.#scalars.get(key);
    if (known) return known;
    const value: Value = { graph: this, name: this.#fresh("constant"), type, shape: dims, constant: data };
    if (key !== undefined) this.#scalars.set(key, value);
    return value;
  }

  /** A float32 constant of shape `[]`. */
  scalar(x: number): Value {
    return this.constant("float32", [], Float32Array.of(x));
  }

  /** Adds a node, or finds the equal one that is there. @throws GRAPH_SHAPE, GRAPH_TYPE from the op's own rule */
  apply<K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): readonly Value[] {
    const stranger = inputs.find((input) => input.graph !== this);
    if (stranger) {
      throw new AppError(
        "GRAPH_TYPE",
        `${op}: expected values of one graph, got ${stranger.name} of another; build both sides in one graph`,
      );
    }
    const key = JSON.stringify([op, inputs.map((input) => input.name), attributes]);
    const known = this.#shared.get(key);
    if (known) return known;
    const signatures = registry[op].infer(inputs, attributes);
    const outputs: Value[] = [];
    const node: Node<K> = { op, inputs, outputs, attributes };
    for (const { type, shape } of signatures) {
      outputs.push({ graph: this, name: this.#fresh(op), type, shape, node: node as unknown as Node });
    }
    this.nodes.push(node as unknown as Node);
    this.#shared.set(key, outputs);
    return outputs;
  }

  /** Names a value as an output of the graph and returns it. @throws GRAPH_SHAPE when the name is taken */
  output(name: string, value: Value): Value {
    this.#take(name);
    this.outputs.set(name, value);
    return value;
  }

  #fresh(stem: string): string {
    let name: string;
    do name = `${stem}_${this.#made++}`;
    while (this.#names.has(name));
    this.#names.add(name);
    return name;
  }

  #take(name: string): void {
    if (name === "" || this.#names.has(name)) {
      throw new AppError("GRAPH_SHAPE", `graph: expected a name not yet used, got "${name}"; choose another`);
    }
    this.#names.add(name);
  }
}
