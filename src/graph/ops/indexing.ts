/** @file Looking rows up and adding into them. */
import { type Dim, multiplyDims } from "../../base/shape.js";
import { expand, reshape, reshapeTo, scatterAdd, shapeOf } from "../functions.js";
import { expectTypes, int, type OpRules, shapeError, string } from "../rule.js";
import type { Value } from "../value.js";

export const indexing: Pick<OpRules, "Gather" | "ScatterElements"> = {
  Gather: {
    infer(inputs) {
      const [data, indices] = inputs as [Value, Value];
      expectTypes("Gather", inputs, data.type, ["int64", "int32"]);
      if (data.shape.length === 0)
        throw shapeError("Gather", "rows to look up", [data], "give data of rank 1 or more");
      return [{ type: data.type, shape: [...indices.shape, ...data.shape.slice(1)] }];
    },
    emit: () => ({ attributes: { axis: int(0) } }),
    // ∂data = zeros with each row of dy added at the row it was read from
    gradient({ inputs, dy }) {
      const [data, indices] = inputs as [Value, Value];
      const columns = multiplyDims(data.shape.slice(1));
      const rows = data.shape[0] as Dim;
      if (typeof columns !== "number" || typeof rows !== "number") {
        throw shapeError(
          "Gather",
          "data of known size for its gradient",
          [data],
          "give its dimensions when building",
        );
      }
      const graph = dy.graph;
      const updates = reshape(dy, [-1, columns]);
      const zeros = expand(
        graph.scalar(0),
        graph.constant("int64", [2], BigInt64Array.of(BigInt(rows), BigInt(columns))),
        [rows, columns],
      );
      const places = expand(reshape(indices, [-1, 1]), shapeOf(updates), updates.shape);
      const sums = scatterAdd(zeros, places, updates);
      return [data.shape.length === 2 ? sums : reshapeTo(sums, shapeOf(data), data.shape), undefined];
    },
  },
  ScatterElements: {
    infer(inputs) {
      const [data, indices, updates] = inputs as [Value, Value, Value];
      expectTypes("ScatterElements", inputs, "float32", ["int64", "int32"], "float32");
      if (data.shape.length !== 2 || indices.shape.length !== 2 || updates.shape.length !== 2) {
        throw shapeError("ScatterElements", "three matrices", inputs, "reshape them to two dimensions");
      }
      return [{ type: "float32", shape: data.shape }];
    },
    emit: () => ({ attributes: { axis: int(0), reduction: string("add") } }),
    gradient: {
      none: "it stands in backward graphs only; second derivatives through a lookup are not needed",
    },
  },
};
