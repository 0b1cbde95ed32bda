/** @file Sums, means and normalisations over dimensions, and their gradients. */
import type { Dim, Shape } from "../../base/shape.js";
import {
  cast,
  div,
  equal,
  exp,
  expandLike,
  mul,
  reduceMean,
  reduceSum,
  sub,
  sumTo,
  unsqueeze,
} from "../functions.js";
import { expectTypes, float, int, type OpRules, shapeError } from "../rule.js";
import type { Value } from "../value.js";

interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reducedShape(op: string, x: Value, { axes, keepDims }: Reduction): Shape {
  if (axes.length === 0 || axes.some((axis) => axis < 0 || axis >= x.shape.length)) {
    throw shapeError(
      op,
      `axes from 0 to ${x.shape.length - 1} instead of [${axes}]`,
      [x],
      "name at least one dimension",
    );
  }
  return keepDims
    ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    : x.shape.filter((_, i) => !axes.includes(i));
}

const emitReduction = ({ axes, keepDims }: Reduction) => ({
  attributes: { keepdims: int(keepDims ? 1 : 0) },
  extraInputs: [axes],
});

/** dy with the reduced dimensions put back as 1. */
const kept = (dy: Value, { axes, keepDims }: Reduction): Value => (keepDims ? dy : unsqueeze(dy, axes));

/** Number of elements averaged, as a number where it is known and as a value where a symbol is among them. */
function countReduced(x: Value, axes: readonly number[]): Value | number {
  const dims = axes.map((axis) => x.shape[axis] as Dim);
  if (dims.every((dim) => typeof dim === "number"))
    return dims.reduce((product: number, dim) => product * Number(dim), 1);
  return reduceSum(expandLike(x.graph.scalar(1), x), axes, true);
}

function expectAxis(op: string, x: Value, axis: number): Shape {
  if (axis < 0 || axis >= x.shape.length) {
    throw shapeError(
      op,
      `an axis from 0 to ${x.shape.length - 1} instead of ${axis}`,
      [x],
      "count from the left",
    );
  }
  return x.shape;
}

export const reduction: Pick<
  OpRules,
  "ReduceSum" | "ReduceMean" | "ReduceMax" | "Softmax" | "LogSoftmax" | "LayerNormalization"
> = {
  ReduceSum: {
    infer(inputs, attributes) {
      const x = inputs[0] as Value;
      return [{ type: x.type, shape: reducedShape("ReduceSum", x, attributes) }];
    },
    emit: emitReduction,
    // ∂x = dy, repeated over what was summed
    gradient: ({ inputs, attributes, dy }) => [expandLike(kept(dy, attributes), inputs[0] as Value)],
  },
  ReduceMean: {
    infer(inputs, attributes) {
      expectTypes("ReduceMean", inputs, "float32");
      return [{ type: "float32", shape: reducedShape("ReduceMean", inputs[0] as Value, attributes) }];
    },
    emit: emitReduction,
    // ∂x = dy/n, repeated over the n elements averaged
    gradient({ inputs, attributes, dy }) {
      const x = inputs[0] as Value;
      return [expandLike(div(kept(dy, attributes), countReduced(x, attributes.axes)), x)];
    },
  },
  ReduceMax: {
    infer(inputs, attributes) {
      expectTypes("ReduceMax", inputs, "float32");
      return [{ type: "float32", shape: reducedShape("ReduceMax", inputs[0] as Value, attributes) }];
    },
    emit: emitReduction,
    // ∂x = dy where x is the largest, divided by how many are
    gradient({ inputs, outputs, attributes, dy }) {
      const x = inputs[0] as Value;
      const largest = cast(equal(x, kept(outputs[0] as Value, attributes)), "float32");
      return [div(mul(kept(dy, attributes), largest), reduceSum(largest, attributes.axes, true))];
    },
  },
  Softmax: {
    infer: (inputs, { axis }) => {
      expectTypes("Softmax", inputs, "float32");
      return [{ type: "float32", shape: expectAxis("Softmax", inputs[0] as Value, axis) }];
    },
    emit: ({ axis }) => ({ attributes: { axis: int(axis) } }),
    // ∂x = y·(dy − Σ dy·y)
    gradient({ outputs, attributes: { axis }, dy }) {
      const y = outputs[0] as Value;
      return [mul(y, sub(dy, reduceSum(mul(dy, y), [axis], true)))];
    },
  },
  LogSoftmax: {
    infer: (inputs, { axis }) => {
      expectTypes("LogSoftmax", inputs, "float32");
      return [{ type: "float32", shape: expectAxis("LogSoftmax", inputs[0] as Value, axis) }];
    },
    emit: ({ axis }) => ({ attributes: { axis: int(axis) } }),
    // ∂x = dy − eʸ·Σ dy
    gradient({ outputs, attributes: { axis }, dy }) {
      return [sub(dy, mul(exp(outputs[0] as Value), reduceSum(dy, [axis], true)))];
    },
  },
  LayerNormalization: {
    infer(inputs) {
      expectTypes("LayerNormalization", inputs, "float32", "float32", "float32");
      const [x, scale, bias] = inputs as [Value, Value, Value];
      const hidden = x.shape[x.shape.length - 1];
      if ([scale, bias].some((value) => value.shape.length !== 1 || value.shape[0] !== hidden)) {
        throw shapeError(
          "LayerNormalization",
          `scale and bias of shape [${hidden}]`,
          inputs,
          "match the last dimension",
        );
      }
      const statistics: Shape = x.shape.map((dim, i) => (i === x.shape.length - 1 ? 1 : dim));
      return [
        { type: "float32", shape: x.shape },
        { type: "float32", shape: statistics },
        { type: "float32", shape: statistics },
      ];
    },
    emit: ({ epsilon }) => ({ attributes: { axis: int(-1), epsilon: float(epsilon) } }),
    // x̂ = (x − μ)/σ, g = dy·scale: ∂x = (g − mean g − x̂·mean(g·x̂))/σ, ∂scale = Σ dy·x̂, ∂bias = Σ dy
    gradient({ inputs, outputs, dy, wanted }) {
      const [x, scale, bias] = inputs as [Value, Value, Value];
      const [, mean, inverseDeviation] = outputs as [Value, Value, Value];
      const last = [x.shape.length - 1];
      const standard = mul(sub(x, mean), inverseDeviation);
      const dx = (): Value => {
        const g = mul(dy, scale);
        const along = mul(standard, reduceMean(mul(g, standard), last, true));
        return mul(sub(sub(g, reduceMean(g, last, true)), along), inverseDeviation);
      };
      return [
        wanted[0] ? dx() : undefined,
        wanted[1] ? sumTo(mul(dy, standard), scale.shape) : undefined,
        wanted[2] ? sumTo(dy, bias.shape) : undefined,
      ];
    },
  },
};
