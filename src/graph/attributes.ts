/** @file The ops a graph may hold and the attributes of each: the vocabulary that the registry must cover. */
import type { Dim, Shape } from "../base/shape.js";

/** Element types of values. */
export type ElementType = "float32" | "int64" | "int32" | "int8" | "uint8" | "bool";

type None = Readonly<Record<never, never>>;

/** Attributes by op. Ops keep ONNX's names and meaning; sizes known when building are attributes, not inputs. */
export interface OpAttributes {
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Neg: None;
  Abs: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Reciprocal: None;
  Tanh: None;
  Sigmoid: None;
  Softplus: None;
  Erf: None;
  Relu: None;
  Gelu: None;
  Where: None;
  Greater: None;
  Equal: None;
  Cast: { readonly to: ElementType };
  MatMul: None;
  Gemm: { readonly transA: boolean; readonly transB: boolean };
  Transpose: { readonly perm: readonly number[] };
  /** Target with ONNX's 0 (copy) and -1 (infer). */
  Reshape: { readonly shape: readonly number[] };
  /** Reshape to a target computed in the graph (second input); `shape` is what it will be, in symbols. */
  ReshapeTo: { readonly shape: Shape };
  Unsqueeze: { readonly axes: readonly number[] };
  Concat: { readonly axis: number };
  Slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** Zeros put before and after along one axis. */
  Pad: { readonly axis: number; readonly before: number; readonly after: number };
  Shape: None;
  /** Broadcast to a target computed in the graph (second input); `shape` is what it will be, in symbols. */
  Expand: { readonly shape: Shape };
  ReduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  ReduceMean: { readonly axes: readonly number[]; readonly keepDims: boolean };
  ReduceMax: { readonly axes: readonly number[]; readonly keepDims: boolean };
  Softmax: { readonly axis: number };
  LogSoftmax: { readonly axis: number };
  LayerNormalization: { readonly epsilon: number };
  Gather: None;
  /** Updates added to rows: data `[rows,columns]`, indices and updates `[n,columns]`. */
  ScatterElements: None;
  /** start, start + 1, … below limit; `dim` is how many that will be. */
  Range: { readonly dim: Dim };
  DynamicQuantizeLinear: None;
  QuantizeLinear: None;
  MatMulInteger: None;
}

/** Name of an op. */
export type OpName = keyof OpAttributes;
