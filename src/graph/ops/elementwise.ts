/** @file Ops that work element by element, and their gradients. */
import { AppError } from "../../base/errors.js";
import { broadcastShapes } from "../../base/shape.js";
import type { ElementType } from "../attributes.js";
import {
  add,
  cast,
  div,
  erf,
  exp,
  greater,
  mul,
  neg,
  type Operand,
  reciprocal,
  sigmoid,
  sub,
  sumTo,
  where,
} from "../functions.js";
import { expectTypes, int, type OpRule, type OpRules, type Signature } from "../rule.js";
import type { Value } from "../value.js";

/** ONNX numbers of the element types. */
export const onnxTypes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
};

function broadcast(op: string, inputs: readonly Value[], to?: ElementType): readonly Signature[] {
  const [a, b] = inputs as [Value, Value];
  if (a.type !== b.type) {
    throw new AppError(
      "GRAPH_TYPE",
      `${op}: expected equal types, got ${a.type} and ${b.type}; cast one of them`,
    );
  }
  return [{ type: to ?? a.type, shape: broadcastShapes(op, a.shape, b.shape) }];
}

type Unary =
  | "Neg"
  | "Abs"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Reciprocal"
  | "Tanh"
  | "Sigmoid"
  | "Softplus"
  | "Erf"
  | "Relu"
  | "Gelu";
type Binary = "Add" | "Sub" | "Mul" | "Div";

/** A float op of one input whose gradient is dy times a derivative. */
function unary<K extends Unary>(op: K, derivative: (x: Value, y: Value) => Operand): OpRule<K> {
  return {
    infer(inputs) {
      expectTypes(op, inputs, "float32");
      return [{ type: "float32", shape: (inputs[0] as Value).shape }];
    },
    gradient: ({ inputs, outputs, dy }) => [mul(dy, derivative(inputs[0] as Value, outputs[0] as Value))],
  };
}

/** An op of two inputs that broadcast; the gradients are summed back to the shape of each input. */
function binary<K extends Binary>(
  op: K,
  left: (dy: Value, a: Value, b: Value, y: Value) => Value,
  right: (dy: Value, a: Value, b: Value, y: Value) => Value,
): OpRule<K> {
  return {
    infer: (inputs) => broadcast(op, inputs),
    gradient({ inputs, outputs, dy, wanted }) {
      const [a, b] = inputs as [Value, Value];
      const y = outputs[0] as Value;
      return [
        wanted[0] ? sumTo(left(dy, a, b, y), a.shape) : undefined,
        wanted[1] ? sumTo(right(dy, a, b, y), b.shape) : undefined,
      ];
    },
  };
}

const comparison = <K extends "Greater" | "Equal">(op: K): OpRule<K> => ({
  infer: (inputs) => broadcast(op, inputs, "bool"),
  gradient: { none: "a comparison is flat wherever it is smooth" },
});

export const elementwise: Pick<OpRules, Unary | Binary | "Where" | "Greater" | "Equal" | "Cast"> = {
  // ∂a = dy, ∂b = dy
  Add: binary(
    "Add",
    (dy) => dy,
    (dy) => dy,
  ),
  // ∂a = dy, ∂b = −dy
  Sub: binary(
    "Sub",
    (dy) => dy,
    (dy) => neg(dy),
  ),
  // ∂a = dy·b, ∂b = dy·a
  Mul: binary(
    "Mul",
    (dy, _, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  // ∂a = dy/b, ∂b = −dy·(a/b)/b
  Div: binary(
    "Div",
    (dy, _, b) => div(dy, b),
    (dy, _, b, y) => neg(div(mul(dy, y), b)),
  ),
  // ∂x = −dy
  Neg: unary("Neg", () => -1),
  // ∂x = dy·sign x, 0 at 0
  Abs: unary("Abs", (x) => sub(cast(greater(x, 0), "float32"), cast(greater(neg(x), 0), "float32"))),
  // ∂x = dy·eˣ
  Exp: unary("Exp", (_, y) => y),
  // ∂x = dy/x
  Log: unary("Log", (x) => reciprocal(x)),
  // ∂x = dy/(2√x)
  Sqrt: unary("Sqrt", (_, y) => div(0.5, y)),
  // ∂x = −dy/x²
  Reciprocal: unary("Reciprocal", (_, y) => neg(mul(y, y))),
  // ∂x = dy·(1 − tanh²x)
  Tanh: unary("Tanh", (_, y) => sub(1, mul(y, y))),
  // ∂x = dy·σ(x)·(1 − σ(x))
  Sigmoid: unary("Sigmoid", (_, y) => mul(y, sub(1, y))),
  // ∂x = dy·σ(x)
  Softplus: unary("Softplus", (x) => sigmoid(x)),
  // ∂x = dy·(2/√π)·e^(−x²)
  Erf: unary("Erf", (x) => mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
  // ∂x = dy where x > 0, else 0
  Relu: unary("Relu", (x) => cast(greater(x, 0), "float32")),
  // ∂x = dy·(Φ(x) + x·φ(x)), Φ(x) = ½(1 + erf(x/√2)), φ(x) = e^(−x²/2)/√(2π)
  Gelu: {
    ...unary("Gelu", (x) => {
      const cumulative = add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5);
      const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return add(cumulative, mul(x, density));
    }),
  },
  Where: {
    infer(inputs) {
      const [condition, a, b] = inputs as [Value, Value, Value];
      expectTypes("Where", inputs, "bool", a.type, a.type);
      const shape = broadcastShapes("Where", broadcastShapes("Where", condition.shape, a.shape), b.shape);
      return [{ type: a.type, shape }];
    },
    // ∂a = dy where the condition holds, else 0; ∂b the other way round
    gradient({ inputs, dy, wanted }) {
      const [condition, a, b] = inputs as [Value, Value, Value];
      const zero = dy.graph.scalar(0);
      return [
        undefined,
        wanted[1] ? sumTo(where(condition, dy, zero), a.shape) : undefined,
        wanted[2] ? sumTo(where(condition, zero, dy), b.shape) : undefined,
      ];
    },
  },
  Greater: comparison("Greater"),
  Equal: comparison("Equal"),
  Cast: {
    infer: (inputs, { to }) => [{ type: to, shape: (inputs[0] as Value).shape }],
    emit: ({ to }) => ({ attributes: { to: int(onnxTypes[to]) } }),
    gradient: { none: "casts stand between integers, bools and floats here, and integers carry no gradient" },
  },
};
