/** @file Ops that move elements about without computing on them, and their gradients. */
import { AppError } from "../../base/errors.js";
import { type Dim, divideDims, multiplyDims, printShape, type Shape } from "../../base/shape.js";
import { pad, reshapeTo, shapeOf, slice, sumTo, transpose } from "../functions.js";
import { expectTypes, int, ints, type OpRules, shapeError } from "../rule.js";
import type { Value } from "../value.js";

/** The size of a dimension that must be known when building. */
function known(op: string, x: Value, axis: number): number {
  const dim = x.shape[axis];
  if (typeof dim !== "number") {
    throw shapeError(
      op,
      `dimension ${axis} to be a number`,
      [x],
      "choose another axis or give the size when building",
    );
  }
  return dim;
}

/** Resolves ONNX's 0 (copy) and -1 (infer) in a reshape. */
function resolve(x: Value, target: readonly number[]): Shape {
  const open = target.indexOf(-1);
  if (
    target.some((dim, i) => !Number.isInteger(dim) || dim < -1 || (dim === 0 && x.shape[i] === undefined)) ||
    open !== target.lastIndexOf(-1)
  ) {
    throw shapeError(
      "Reshape",
      `positive sizes, 0 for one that is there and at most one -1 instead of [${target}]`,
      [x],
      "correct the target",
    );
  }
  const total = multiplyDims(x.shape);
  const dims: Dim[] = target.map((dim, i) => (dim === 0 ? (x.shape[i] as Dim) : dim));
  const rest = multiplyDims(dims.filter((_, i) => i !== open));
  if (open >= 0) {
    const inferred = divideDims(total, rest);
    if (inferred === undefined) {
      throw shapeError(
        "Reshape",
        `${total} elements to fill [${target}]`,
        [x],
        "choose sizes whose product divides it",
      );
    }
    dims[open] = inferred;
  } else if (rest !== total) {
    throw shapeError(
      "Reshape",
      `${rest} elements for [${target}]`,
      [x],
      "use -1 for the size to be inferred",
    );
  }
  return dims;
}

/** An element count that must stay the same. */
function expectCount(op: string, x: Value, shape: Shape): void {
  if (multiplyDims(shape) !== multiplyDims(x.shape)) {
    throw shapeError(op, `as many elements as ${printShape(shape)}`, [x], "give a target of the same size");
  }
}

type LayoutOp =
  | "Transpose"
  | "Reshape"
  | "ReshapeTo"
  | "Unsqueeze"
  | "Concat"
  | "Slice"
  | "Pad"
  | "Shape"
  | "Expand"
  | "Range";

/** x in the shape of `like`, which has as many elements. */
const back = (x: Value, like: Value): Value => reshapeTo(x, shapeOf(like), like.shape);

export const layout: Pick<OpRules, LayoutOp> = {
  Transpose: {
    infer(inputs, { perm }) {
      const x = inputs[0] as Value;
      if (perm.length !== x.shape.length || [...perm].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
        throw shapeError(
          "Transpose",
          `a permutation of ${x.shape.length} dimensions instead of [${perm}]`,
          [x],
          "name each once",
        );
      }
      return [{ type: x.type, shape: perm.map((axis) => x.shape[axis] as Dim) }];
    },
    emit: ({ perm }) => ({ attributes: { perm: ints(perm) } }),
    // ∂x = dy with the permutation undone
    gradient: ({ attributes: { perm }, dy }) => [
      transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ],
  },
  Reshape: {
    infer: (inputs, { shape }) => {
      const x = inputs[0] as Value;
      return [{ type: x.type, shape: resolve(x, shape) }];
    },
    emit: ({ shape }) => ({ extraInputs: [shape] }),
    // ∂x = dy in the shape of x
    gradient: ({ inputs, dy }) => [back(dy, inputs[0] as Value)],
  },
  ReshapeTo: {
    infer(inputs, { shape }) {
      const [x, target] = inputs as [Value, Value];
      expectTypes("ReshapeTo", inputs, x.type, "int64");
      if (target.shape.length !== 1 || target.shape[0] !== shape.length) {
        throw shapeError(
          "ReshapeTo",
          `a target of ${shape.length} sizes`,
          [target],
          "give one int64 for each dimension",
        );
      }
      expectCount("ReshapeTo", x, shape);
      return [{ type: x.type, shape }];
    },
    emit: () => ({ name: "Reshape" }),
    // ∂x = dy in the shape of x
    gradient: ({ inputs, dy }) => [back(dy, inputs[0] as Value), undefined],
  },
  Unsqueeze: {
    infer(inputs, { axes }) {
      const x = inputs[0] as Value;
      const rank = x.shape.length + axes.length;
      if (new Set(axes).size !== axes.length || axes.some((axis) => axis < 0 || axis >= rank)) {
        throw shapeError(
          "Unsqueeze",
          `different axes from 0 to ${rank - 1} instead of [${axes}]`,
          [x],
          "count in the result",
        );
      }
      const shape: Dim[] = [...x.shape];
      for (const axis of [...axes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
      return [{ type: x.type, shape }];
    },
    emit: ({ axes }) => ({ extraInputs: [axes] }),
    // ∂x = dy without the dimensions put in
    gradient: ({ inputs, dy }) => [back(dy, inputs[0] as Value)],
  },
  Concat: {
    infer(inputs, { axis }) {
      const first = inputs[0] as Value;
      let total = 0;
      for (const x of inputs) {
        const rest = (value: Value): string =>
          printShape(value.shape.map((dim, i) => (i === axis ? "·" : dim)));
        if (x.type !== first.type || rest(x) !== rest(first)) {
          throw shapeError(
            "Concat",
            `shapes equal but for dimension ${axis}`,
            inputs,
            "reshape or cast the odd one",
          );
        }
        total += known("Concat", x, axis);
      }
      return [{ type: first.type, shape: first.shape.map((dim, i) => (i === axis ? total : dim)) }];
    },
    emit: ({ axis }) => ({ attributes: { axis: int(axis) } }),
    // ∂xᵢ = the part of dy that xᵢ became
    gradient({ inputs, attributes: { axis }, dy, wanted }) {
      let start = 0;
      return inputs.map((x, i) => {
        const from = start;
        start += known("Concat", x, axis);
        return wanted[i] ? slice(dy, axis, from, start) : undefined;
      });
    },
  },
  Slice: {
    infer(inputs, { axis, start, end }) {
      const x = inputs[0] as Value;
      const size = known("Slice", x, axis);
      if (!(start >= 0 && start < end && end <= size)) {
        throw shapeError(
          "Slice",
          `0 ≤ start < end ≤ ${size} instead of ${start} to ${end}`,
          [x],
          "keep inside the dimension",
        );
      }
      return [{ type: x.type, shape: x.shape.map((dim, i) => (i === axis ? end - start : dim)) }];
    },
    emit: ({ axis, start, end }) => ({ extraInputs: [[start], [end], [axis]] }),
    // ∂x = dy with zeros where x was cut off
    gradient({ inputs, attributes: { axis, start, end }, dy }) {
      return [pad(dy, axis, start, known("Slice", inputs[0] as Value, axis) - end)];
    },
  },
  Pad: {
    infer(inputs, { axis, before, after }) {
      expectTypes("Pad", inputs, "float32");
      const x = inputs[0] as Value;
      const size = known("Pad", x, axis) + before + after;
      return [{ type: x.type, shape: x.shape.map((dim, i) => (i === axis ? size : dim)) }];
    },
    emit: ({ axis, before, after }) => ({ extraInputs: [[before, after], null, [axis]] }),
    // ∂x = dy without the zeros
    gradient({ inputs, attributes: { axis, before }, dy }) {
      return [slice(dy, axis, before, before + known("Pad", inputs[0] as Value, axis))];
    },
  },
  Shape: {
    infer: (inputs) => [{ type: "int64", shape: [(inputs[0] as Value).shape.length] }],
    gradient: { none: "sizes do not depend on contents" },
  },
  Expand: {
    infer(inputs, { shape }) {
      const [x, target] = inputs as [Value, Value];
      expectTypes("Expand", inputs, x.type, "int64");
      if (target.shape[0] !== shape.length || sizesDiffer(x.shape, shape)) {
        throw shapeError(
          "Expand",
          `a shape that stretches to ${printShape(shape)}`,
          [x],
          "only dimensions of 1 stretch",
        );
      }
      return [{ type: x.type, shape }];
    },
    // ∂x = dy summed over what was stretched
    gradient: ({ inputs, dy }) => [sumTo(dy, (inputs[0] as Value).shape), undefined],
  },
  Range: {
    infer(inputs, { dim }) {
      expectTypes("Range", inputs, "int64", "int64");
      return [{ type: "int64", shape: [dim] }];
    },
    emit: () => ({ extraInputs: [1] }),
    gradient: { none: "integers carry no gradient" },
  },
};

function sizesDiffer(from: Shape, to: Shape): boolean {
  if (from.length > to.length)
    throw new AppError(
      "GRAPH_SHAPE",
      `Expand: expected rank ≤ ${to.length}, got ${from.length}; reshape first`,
    );
  return from.some((dim, i) => dim !== 1 && dim !== to[i + to.length - from.length]);
}
