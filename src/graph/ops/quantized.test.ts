import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, floats } from "../../../test/evaluate-graph.js";
import { cast, dynamicQuantize, Graph, matmulInteger, mul, type Value } from "../index.js";

test("an 8-bit product is the float product to 8 bits", async () => {
  const x = [0.3, -1.2, 0.7, 1.9, -0.4, 0.05];
  const weights = [12, -127, 45, 90, -3, 64];
  const scale = 0.01;
  const [y, step] = await evaluate(
    (value) => {
      const { values, scale: found, zeroPoint } = dynamicQuantize(value as Value);
      const w = (value as Value).graph.constant("int8", [3, 2], Int8Array.from(weights));
      return [mul(cast(matmulInteger(values, w, zeroPoint), "float32"), mul(found, scale)), found];
    },
    floats([2, 3], x),
  );
  assert.deepEqual(y?.dims, [2, 2]);
  const error = ((step?.data[0] as number) / 2) * scale * 3 * 127;
  for (const row of [0, 1]) {
    for (const column of [0, 1]) {
      const exact = [0, 1, 2].reduce(
        (sum, i) => sum + (x[row * 3 + i] as number) * (weights[i * 2 + column] as number) * scale,
        0,
      );
      const got = y?.data[row * 2 + column] as number;
      assert.ok(Math.abs(got - exact) <= error, `${got} is within ${error} of ${exact}`);
    }
  }
});

test("an 8-bit product refuses floats and inner sizes that differ", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", 3]);
  const { values, zeroPoint } = dynamicQuantize(x);
  assert.throws(() => matmulInteger(values, x, zeroPoint), { code: "GRAPH_TYPE" });
  const narrow = graph.constant("int8", [2, 2], new Int8Array(4));
  assert.throws(() => matmulInteger(values, narrow, zeroPoint), {
    code: "GRAPH_SHAPE",
    message: "MatMulInteger: expected inner sizes equal, got [batch,3] × [2,2]; transpose the weights",
  });
});
