/** @file What flows through a graph: values, the nodes that make them, and the graph as its ops see it. */
import type { Shape } from "../base/shape.js";
import type { ElementType, OpAttributes, OpName } from "./attributes.js";

/** Arrays that hold constants of each element type (`bool` as bytes). */
export type ConstantData = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

/** An input, a constant or an output of a node. Symbolic until the graph is run. */
export interface Value {
  readonly graph: GraphContext;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** The node that makes it; absent for inputs and constants. */
  readonly node?: Node;
  /** Contents, for constants. */
  readonly constant?: ConstantData;
}

/** One application of an op. */
export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OpAttributes[K];
}

/** The part of a graph that ops build with. */
export interface GraphContext {
  /** Adds a node and returns its outputs. @throws GRAPH_SHAPE, GRAPH_TYPE */
  apply<K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): readonly Value[];
  /** A constant; equal scalars are shared. */
  constant(type: ElementType, dims: readonly number[], data: ConstantData): Value;
  /** A float32 constant of shape `[]`. */
  scalar(x: number): Value;
}
