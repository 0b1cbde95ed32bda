/** @file The ops as functions of values: what a model is written in. Shapes broadcast as in ONNX. */
import { AppError } from "../base/errors.js";
import type { Dim, Shape } from "../base/shape.js";
import type { ElementType, OpAttributes, OpName } from "./attributes.js";
import type { Value } from "./value.js";

/** A value, or a number that becomes a float32 scalar. */
export type Operand = Value | number;

function one<K extends OpName>(
  op: K,
  inputs: readonly [Value, ...Value[]],
  attributes: OpAttributes[K],
): Value {
  return inputs[0].graph.apply(op, inputs, attributes)[0] as Value;
}

function binary(op: "Add" | "Sub" | "Mul" | "Div" | "Greater" | "Equal", a: Operand, b: Operand): Value {
  if (typeof a !== "number") return one(op, [a, typeof b === "number" ? a.graph.scalar(b) : b], {});
  if (typeof b !== "number") return one(op, [b.graph.scalar(a), b], {});
  throw new AppError("GRAPH_TYPE", `${op}: expected a value, got two numbers; compute them before building`);
}

/** a + b */
export const add = (a: Operand, b: Operand): Value => binary("Add", a, b);
/** a − b */
export const sub = (a: Operand, b: Operand): Value => binary("Sub", a, b);
/** a · b, element by element */
export const mul = (a: Operand, b: Operand): Value => binary("Mul", a, b);
/** a / b */
export const div = (a: Operand, b: Operand): Value => binary("Div", a, b);
/** a > b as bool; no gradient */
export const greater = (a: Operand, b: Operand): Value => binary("Greater", a, b);
/** a = b as bool; no gradient */
export const equal = (a: Operand, b: Operand): Value => binary("Equal", a, b);
/** −x */
export const neg = (x: Value): Value => one("Neg", [x], {});
/** |x| */
export const abs = (x: Value): Value => one("Abs", [x], {});
/** eˣ */
export const exp = (x: Value): Value => one("Exp", [x], {});
/** ln x */
export const log = (x: Value): Value => one("Log", [x], {});
/** √x */
export const sqrt = (x: Value): Value => one("Sqrt", [x], {});
/** 1 / x */
export const reciprocal = (x: Value): Value => one("Reciprocal", [x], {});
/** tanh x */
export const tanh = (x: Value): Value => one("Tanh", [x], {});
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: Value): Value => one("Sigmoid", [x], {});
/** ln(1 + eˣ) */
export const softplus = (x: Value): Value => one("Softplus", [x], {});
/** The error function. */
export const erf = (x: Value): Value => one("Erf", [x], {});
/** max(x, 0) */
export const relu = (x: Value): Value => one("Relu", [x], {});
/** x · Φ(x), exact (not the tanh approximation). */
export const gelu = (x: Value): Value => one("Gelu", [x], {});
/** a where the condition (bool) holds, else b */
export const where = (condition: Value, a: Value, b: Value): Value => one("Where", [condition, a, b], {});
/** x as another element type; no gradient */
export const cast = (x: Value, to: ElementType): Value => one("Cast", [x], { to });
/** Matrix product over the last two dimensions: `[…,m,k] × […,k,n] → […,m,n]` */
export const matmul = (a: Value, b: Value): Value => one("MatMul", [a, b], {});

/** a′ · b′ + c of matrices, where ′ transposes if asked; c `[n]` or `[m,n]` may be left out. */
export function gemm(a: Value, b: Value, c?: Value, { transA = false, transB = false } = {}): Value {
  return one("Gemm", c ? [a, b, c] : [a, b], { transA, transB });
}

/** Dimensions put in the order of `perm`. */
export const transpose = (x: Value, perm: readonly number[]): Value => one("Transpose", [x], { perm });
/** Last two dimensions exchanged. */
export function transposeLast(x: Value): Value {
  const perm = x.shape.map((_, i) => i);
  const last = perm.length - 1;
  return transpose(x, [...perm.slice(0, -2), last, last - 1]);
}
/** Another shape for the same elements; 0 copies a dimension, -1 is inferred. */
export const reshape = (x: Value, shape: readonly number[]): Value => one("Reshape", [x], { shape });
/** Reshape to a target computed in the graph: `target` int64 `[rank]`; `shape` says what it will be. */
export const reshapeTo = (x: Value, target: Value, shape: Shape): Value =>
  one("ReshapeTo", [x, target], { shape });
/** Dimensions of 1 put in at `axes` of the result. */
export const unsqueeze = (x: Value, axes: readonly number[]): Value => one("Unsqueeze", [x], { axes });
/** Values joined along `axis`. */
export const concat = (values: readonly [Value, ...Value[]], axis: number): Value =>
  one("Concat", values, { axis });
/** Elements `start` to `end` (not included) along `axis`. */
export const slice = (x: Value, axis: number, start: number, end: number): Value =>
  one("Slice", [x], { axis, start, end });
/** Zeros before and after along `axis`. */
export const pad = (x: Value, axis: number, before: number, after: number): Value =>
  one("Pad", [x], { axis, before, after });
/** The dimensions of x as int64 `[rank]`. */
export const shapeOf = (x: Value): Value => one("Shape", [x], {});
/** x broadcast to the shape of `like`. */
export const expandLike = (x: Value, like: Value): Value =>
  one("Expand", [x, shapeOf(like)], { shape: like.shape });
/** x broadcast to `shape`, whose dimensions are computed in the graph as `target` int64 `[rank]`. */
export const expand = (x: Value, target: Value, shape: Shape): Value => one("Expand", [x, target], { shape });
/** Sum over `axes`. */
export const reduceSum = (x: Value, axes: readonly number[], keepDims = false): Value =>
  one("ReduceSum", [x], { axes: normalizeAxes(axes, x.shape.length), keepDims });
/** Mean over `axes`. */
export const reduceMean = (x: Value, axes: readonly number[], keepDims = false): Value =>
  one("ReduceMean", [x], { axes: normalizeAxes(axes, x.shape.length), keepDims });
/** Largest element over `axes`; where several are largest, the gradient is shared among them. */
export const reduceMax = (x: Value, axes: readonly number[], keepDims = false): Value =>
  one("ReduceMax", [x], { axes: normalizeAxes(axes, x.shape.length), keepDims });
/** Softmax along `axis` (last when absent). */
export const softmax = (x: Value, axis = -1): Value =>
  one("Softmax", [x], { axis: from(axis, x.shape.length) });
/** ln softmax along `axis` (last when absent). */
export const logSoftmax = (x: Value, axis = -1): Value =>
  one("LogSoftmax", [x], { axis: from(axis, x.shape.length) });
/** (x − mean) / √(variance + ε) · scale + bias over the last dimension; scale and bias `[hidden]`. */
export const layerNormalization = (x: Value, scale: Value, bias: Value, epsilon = 1e-5): Value =>
  one("LayerNormalization", [x, scale, bias], { epsilon });
/** Rows of `data` `[rows,…]` at int64 or int32 `indices` `[…]`. */
export const gather = (data: Value, indices: Value): Value => one("Gather", [data, indices], {});
/** `data` `[rows,columns]` with `updates` `[n,columns]` added at the rows that `indices` `[n,columns]` names in each column. */
export const scatterAdd = (data: Value, indices: Value, updates: Value): Value =>
  one("ScatterElements", [data, indices, updates], {});
/** start, start + 1, … below `limit` (int64 scalars); `dim` says how many that will be. */
export const range = (start: Value, limit: Value, dim: Dim): Value => one("Range", [start, limit], { dim });

/** x in 8 bits with its scale and zero point, found while running: `{ values uint8, scale, zeroPoint }`. */
export function dynamicQuantize(x: Value): { values: Value; scale: Value; zeroPoint: Value } {
  const [values, scale, zeroPoint] = x.graph.apply("DynamicQuantizeLinear", [x], {}) as [Value, Value, Value];
  return { values, scale, zeroPoint };
}
/** x / scale rounded (half to even) and moved by the zero point, held within 0 to 255; scale and zero point `[]`. */
export const quantizeLinear = (x: Value, scale: Value, zeroPoint: Value): Value =>
  one("QuantizeLinear", [x, scale, zeroPoint], {});
/** Integer matrix product: uint8 `[…,m,k]` less its zero point, times int8 `[k,n]` → int32. */
export const matmulInteger = (a: Value, b: Value, zeroPoint: Value): Value =>
  one("MatMulInteger", [a, b, zeroPoint], {});

/**
 * x summed down to `shape`: the reverse of broadcasting.
 * Σ over every dimension that broadcasting added or stretched.
 */
export function sumTo(x: Value, shape: Shape): Value {
  const extra = x.shape.length - shape.length;
  const axes: number[] = [];
  for (let i = 0; i < extra; i++) axes.push(i);
  let result = axes.length > 0 ? reduceSum(x, axes) : x;
  const stretched: number[] = [];
  shape.forEach((dim: Dim, i) => {
    if (dim === 1 && result.shape[i] !== 1) stretched.push(i);
  });
  if (stretched.length > 0) result = reduceSum(result, stretched, true);
  return result;
}

function from(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function normalizeAxes(axes: readonly number[], rank: number): readonly number[] {
  return axes.map((axis) => from(axis, rank)).sort((a, b) => a - b);
}
