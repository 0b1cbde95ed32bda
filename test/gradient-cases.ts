/** @file A case for every op of the registry: forgetting one does not compile. */
import {
  abs,
  add,
  cast,
  concat,
  div,
  dynamicQuantize,
  equal,
  erf,
  exp,
  expand,
  expandLike,
  gather,
  gelu,
  gemm,
  greater,
  layerNormalization,
  log,
  logSoftmax,
  matmul,
  matmulInteger,
  mul,
  neg,
  type OpName,
  pad,
  quantizeLinear,
  range,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  reshapeTo,
  type Shape,
  scatterAdd,
  shapeOf,
  sigmoid,
  slice,
  softmax,
  softplus,
  sqrt,
  sub,
  tanh,
  transpose,
  unsqueeze,
  type Value,
  where,
} from "../src/graph/index.js";
import type { Case, CaseInput, Draw } from "./central-difference.js";

/** For an op without a gradient: a float made of x `[2,3]` through the op, which the autodiff must refuse. */
export interface Refusal {
  readonly none: (x: Value) => Value;
}

const float = (shape: Shape, draw: Draw = "normal"): CaseInput => ({ shape, draw });
const int64 = (shape: Shape, data: readonly number[]): CaseInput => ({ shape, type: "int64", data });
const bool = (shape: Shape, data: readonly number[]): CaseInput => ({ shape, type: "bool", data });

const take = (build: (...x: Value[]) => Value, ...inputs: CaseInput[]): Case => ({
  inputs,
  build: (...x) => build(...x),
});

type Unary = (x: Value) => Value;
type Binary = (a: Value, b: Value) => Value;

/** A vector, a matrix and a symbolic shape. */
const unary = (op: Unary, draw: Draw = "normal"): Case[] =>
  ([[7], [2, 3], ["batch", 1, "tokens"]] satisfies Shape[]).map((shape) => take(op, float(shape, draw)));

/** Each way in which two shapes broadcast, and one value on both sides. */
const binary = (op: Binary, draw: Draw = "normal"): Case[] => {
  const shapes: [Shape, Shape][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[], [2, 3]],
    [[4], []],
    [
      [2, 1],
      [1, 3],
    ],
    [["batch", 3], [3]],
    [[3], ["batch", "tokens", 3]],
    [
      ["batch", 1, 2],
      [1, "tokens", 1],
    ],
  ];
  return [
    ...shapes.map(([a, b]) => take(op as (...x: Value[]) => Value, float(a, draw), float(b, draw))),
    take((x) => op(x as Value, x as Value), float([2, 3], draw)),
  ];
};

const product = (op: Binary, ...shapes: [Shape, Shape][]): Case[] =>
  shapes.map(([a, b]) => take(op as (...x: Value[]) => Value, float(a), float(b)));

const gemmCases = [false, true].flatMap((transA) =>
  [false, true].flatMap((transB): Case[] => {
    const a = float(transA ? [3, "batch"] : ["batch", 3]);
    const b = float(transB ? [4, 3] : [3, 4]);
    const build = (...[x, y, c]: Value[]): Value => gemm(x as Value, y as Value, c, { transA, transB });
    const biases: Shape[] = [[4], ["batch", 4], ["batch", 1], [1, 4], []];
    return [take(build, a, b), ...biases.map((shape) => take(build, a, b, float(shape)))];
  }),
);

const integers = (x: Value, ...numbers: number[]): Value =>
  x.graph.constant("int64", [numbers.length], BigInt64Array.from(numbers, BigInt));

const lookUp = (data: Shape, indices: CaseInput): Case =>
  take((x, i) => gather(x as Value, i as Value), float(data), indices);

/** Cases of each op with a gradient, or what must be refused. */
export const cases: { readonly [K in OpName]: readonly Case[] | Refusal } = {
  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(div, "apart"),
  Neg: unary(neg),
  Abs: unary(abs, "apart"),
  Exp: unary(exp),
  Log: unary(log, "positive"),
  Sqrt: unary(sqrt, "positive"),
  Reciprocal: unary(reciprocal, "apart"),
  Tanh: unary(tanh),
  Sigmoid: unary(sigmoid),
  Softplus: unary(softplus),
  Erf: unary(erf),
  Relu: unary(relu, "apart"),
  Gelu: unary(gelu),
  Where: [
    take(
      (c, a, b) => where(c as Value, a as Value, b as Value),
      bool([2, 3], [1, 0, 0, 1, 1, 0]),
      float([2, 3]),
      float([2, 3]),
    ),
    take(
      (c, a, b) => where(c as Value, a as Value, b as Value),
      bool(["batch", 1], [1, 0]),
      float(["batch", "tokens"]),
      float([]),
    ),
    take(
      (c, a, b) => where(c as Value, a as Value, b as Value),
      bool([2, 2], [1, 0, 1, 1]),
      float([2]),
      float([2, 1]),
    ),
  ],
  MatMul: product(
    matmul,
    [
      [2, 3],
      [3, 4],
    ],
    [
      ["batch", "tokens"],
      ["tokens", 2],
    ],
    [
      ["batch", 2, 3],
      [3, 4],
    ],
    [
      ["batch", "tokens", 3],
      [3, 2],
    ],
    [
      ["batch", 2, 3],
      ["batch", 3, 2],
    ],
    [
      [2, 3],
      ["batch", 3, 2],
    ],
    [
      ["batch", 1, 2, 3],
      [1, 2, 3, 2],
    ],
    [
      ["batch", 2, "tokens"],
      ["tokens", 2],
    ],
  ),
  Gemm: gemmCases,
  Transpose: [
    take((x) => transpose(x as Value, [1, 0]), float([2, 3])),
    take((x) => transpose(x as Value, [0, 2, 1, 3]), float(["batch", "tokens", 2, 2])),
    take((x) => transpose(x as Value, [2, 0, 1]), float(["batch", "tokens", 4])),
  ],
  Reshape: [
    take((x) => reshape(x as Value, [3, 2]), float([2, 3])),
    take((x) => reshape(x as Value, [0, -1]), float(["batch", "tokens", 2])),
    take((x) => reshape(x as Value, [-1, 4]), float(["batch", "tokens", 4])),
  ],
  ReshapeTo: [
    take(
      (x) =>
        reshapeTo(x as Value, concat([shapeOf(x as Value), integers(x as Value, 1)], 0), ["batch", 4, 1]),
      float(["batch", 4]),
    ),
    take((x) => reshapeTo(x as Value, integers(x as Value, 3, 2), [3, 2]), float([2, 3])),
  ],
  Unsqueeze: [
    take((x) => unsqueeze(x as Value, [1]), float(["batch", 3])),
    take((x) => unsqueeze(x as Value, [0, 3]), float([2, 3])),
  ],
  Concat: [
    take((a, b) => concat([a as Value, b as Value], 1), float(["batch", 2]), float(["batch", 3])),
    take((a, b) => concat([a as Value, b as Value, a as Value], 0), float([1, 3]), float([2, 3])),
  ],
  Slice: [
    take((x) => slice(x as Value, 1, 1, 3), float(["batch", 4])),
    take((x) => slice(x as Value, 0, 0, 1), float([3, "tokens"])),
  ],
  Pad: [
    take((x) => pad(x as Value, 1, 1, 2), float(["batch", 2])),
    take((x) => pad(x as Value, 0, 0, 1), float([2, "tokens"])),
  ],
  Expand: [
    take(
      (x, like) => add(expandLike(x as Value, like as Value), like as Value),
      float([3, 1]),
      float([2, 3, 4]),
    ),
    take((x) => expand(x as Value, integers(x as Value, 2, 3), [2, 3]), float([])),
    take((x) => expand(x as Value, integers(x as Value, 4, 3), [4, 3]), float([1, 3])),
  ],
  ReduceSum: [
    take((x) => reduceSum(x as Value, [0]), float(["batch", 3])),
    take((x) => reduceSum(x as Value, [-1, 0], true), float(["batch", 2, "tokens"])),
    take((x) => reduceSum(x as Value, [0, 1]), float([2, 3])),
  ],
  ReduceMean: [
    take((x) => reduceMean(x as Value, [1]), float(["batch", 3])),
    take((x) => reduceMean(x as Value, [0, 2]), float(["batch", 2, "tokens"])),
    take((x) => reduceMean(x as Value, [1], true), float([2, "tokens"])),
  ],
  ReduceMax: [
    take((x) => reduceMax(x as Value, [1]), float(["batch", 3])),
    take((x) => reduceMax(x as Value, [0, 2], true), float(["batch", 2, "tokens"])),
  ],
  Softmax: [
    take((x) => softmax(x as Value), float(["batch", 4])),
    take((x) => softmax(x as Value, 0), float([3, "tokens"])),
    take((x) => softmax(x as Value), float(["batch", 2, 1, "tokens"])),
  ],
  LogSoftmax: [
    take((x) => logSoftmax(x as Value), float(["batch", 4])),
    take((x) => logSoftmax(x as Value, 0), float([3, "tokens"])),
  ],
  LayerNormalization: [
    take(
      (x, scale, bias) => layerNormalization(x as Value, scale as Value, bias as Value),
      float([4, 6]),
      float([6]),
      float([6]),
    ),
    take(
      (x, scale, bias) => layerNormalization(x as Value, scale as Value, bias as Value, 0.1),
      float(["batch", "tokens", 5]),
      float([5]),
      float([5]),
    ),
  ],
  Gather: [
    lookUp([4, 3], int64([5], [3, 0, 3, 1, 3])),
    lookUp([4, 3], int64(["batch", "tokens"], [1, 1, 0, 2, 1, 3])),
    lookUp([3, 2, 2], int64([2], [2, 2])),
    lookUp([4], int64([3], [1, 3, 1])),
    lookUp([4, 2], int64([], [2])),
    lookUp([4, 3], { shape: [3], type: "int32", data: [0, 0, 3] }),
  ],
  Greater: { none: (x) => cast(greater(x, 0), "float32") },
  Equal: { none: (x) => cast(equal(x, 0), "float32") },
  Cast: { none: (x) => cast(x, "float32") },
  Shape: { none: (x) => cast(shapeOf(x), "float32") },
  Range: {
    none: (x) => {
      const size = reshape(slice(shapeOf(x), 0, 0, 1), []);
      return cast(range(reshape(integers(x, 0), []), size, 2), "float32");
    },
  },
  ScatterElements: { none: (x) => scatterAdd(x, integers2(x), x) },
  DynamicQuantizeLinear: { none: (x) => dynamicQuantize(x).scale },
  QuantizeLinear: {
    none: (x) =>
      cast(
        quantizeLinear(x, x.graph.scalar(0.1), x.graph.constant("uint8", [], Uint8Array.of(128))),
        "float32",
      ),
  },
  MatMulInteger: {
    none: (x) => {
      const { values, zeroPoint } = dynamicQuantize(x);
      const weights = x.graph.constant("int8", [3, 2], Int8Array.of(1, 2, 3, 4, 5, 6));
      return cast(matmulInteger(values, weights, zeroPoint), "float32");
    },
  },
};

/** Rows 1 and 0 for each of three columns. */
function integers2(x: Value): Value {
  return x.graph.constant("int64", [2, 3], BigInt64Array.from([1, 1, 1, 0, 0, 0], BigInt));
}
