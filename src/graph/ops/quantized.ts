/** @file 8-bit products for exported models; they are never trained through. */
import type { Dim } from "../../base/shape.js";
import { expectTypes, type OpRules, shapeError } from "../rule.js";
import type { Value } from "../value.js";

const gradient = { none: "rounding is flat; train in float32 and quantise on export" };

export const quantized: Pick<OpRules, "DynamicQuantizeLinear" | "QuantizeLinear" | "MatMulInteger"> = {
  DynamicQuantizeLinear: {
    infer(inputs) {
      expectTypes("DynamicQuantizeLinear", inputs, "float32");
      return [
        { type: "uint8", shape: (inputs[0] as Value).shape },
        { type: "float32", shape: [] },
        { type: "uint8", shape: [] },
      ];
    },
    gradient,
  },
  QuantizeLinear: {
    infer(inputs) {
      expectTypes("QuantizeLinear", inputs, "float32", "float32", "uint8");
      const [x, scale, zeroPoint] = inputs as [Value, Value, Value];
      if (scale.shape.length > 0 || zeroPoint.shape.length > 0) {
        throw shapeError(
          "QuantizeLinear",
          "one scale and one zero point",
          inputs,
          "divide rows by their own scale first",
        );
      }
      return [{ type: "uint8", shape: x.shape }];
    },
    gradient,
  },
  MatMulInteger: {
    infer(inputs) {
      expectTypes("MatMulInteger", inputs, "uint8", "int8", "uint8");
      const [a, b] = inputs as [Value, Value];
      const inner = a.shape[a.shape.length - 1];
      if (b.shape.length !== 2 || b.shape[0] !== inner) {
        throw shapeError("MatMulInteger", "inner sizes equal", [a, b], "transpose the weights");
      }
      return [{ type: "int32", shape: [...a.shape.slice(0, -1), b.shape[1] as Dim] }];
    },
    gradient,
  },
};
