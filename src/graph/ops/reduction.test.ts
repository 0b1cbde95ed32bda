import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats } from "../../../test/evaluate-graph.js";
import {
  Graph,
  layerNormalization,
  logSoftmax,
  reduceMean,
  reduceSum,
  softmax,
  type Value,
} from "../index.js";

const rows = [
  [0.5, -1, 2],
  [3, 3, -4],
];
const input = floats([2, 3], rows.flat());

function assertClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
  assert.equal(actual?.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs((actual?.[i] as number) - value) <= 2e-6, `[${i}]: ${actual?.[i]} is not ${value}`);
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("what reductions compute", () => {
  test("sums over one dimension or all, kept or not", async () => {
    const [columns, kept, all] = await evaluate(
      (x) => [reduceSum(x as Value, [0]), reduceSum(x as Value, [-1], true), reduceSum(x as Value, [1, 0])],
      input,
    );
    assert.deepEqual(columns, { dims: [3], data: [3.5, 2, -2] });
    assert.deepEqual(kept, { dims: [2, 1], data: [1.5, 2] });
    assert.deepEqual(all, { dims: [], data: [3.5] });
  });

  test("means", async () => {
    const [mean] = await evaluate((x) => reduceMean(x as Value, [1]), input);
    assertClose(
      mean?.data,
      rows.map((row) => sum(row) / 3),
    );
  });

  test("softmax and its logarithm, also far from 0", async () => {
    const shifted = floats(
      [2, 3],
      rows.flat().map((x) => x + 500),
    );
    const expected = rows.flatMap((row) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp))));
    const [p, logP, same] = await evaluate(
      (x, far) => [softmax(x as Value), logSoftmax(x as Value), softmax(far as Value)],
      input,
      shifted,
    );
    assertClose(p?.data, expected);
    assertClose(logP?.data, expected.map(Math.log));
    assertClose(same?.data, expected);
  });

  test("softmax along the first dimension", async () => {
    const [p] = await evaluate((x) => softmax(x as Value, 0), input);
    assertClose([(p?.data[0] as number) + (p?.data[3] as number)], [1]);
  });

  test("layer normalisation", async () => {
    const [scale, bias, epsilon] = [[1, 2, -1], [0, 0.5, 1], 0.01];
    const [y] = await evaluate(
      (x, s, b) => layerNormalization(x as Value, s as Value, b as Value, epsilon),
      input,
      floats([3], scale),
      floats([3], bias),
    );
    const expected = rows.flatMap((row) => {
      const mean = sum(row) / 3;
      const deviation = Math.sqrt(sum(row.map((x) => (x - mean) ** 2)) / 3 + epsilon);
      return row.map((x, i) => ((x - mean) / deviation) * (scale[i] as number) + (bias[i] as number));
    });
    assertClose(y?.data, expected);
  });
});

describe("what reductions refuse", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", 3]);

  test("axes that are not there, or none", () => {
    assert.throws(() => reduceSum(x, [2]), {
      code: "GRAPH_SHAPE",
      message:
        /^ReduceSum: expected axes from 0 to 1 instead of \[2\], got \[batch,3\]; name at least one dimension$/,
    });
    assert.throws(() => reduceMean(x, []), { code: "GRAPH_SHAPE", message: /^ReduceMean: / });
    assert.throws(() => softmax(x, 2), {
      code: "GRAPH_SHAPE",
      message: /^Softmax: expected an axis from 0 to 1 instead of 2, got \[batch,3\]/,
    });
    assert.throws(() => logSoftmax(x, -3), { code: "GRAPH_SHAPE" });
  });

  test("scale and bias of another size than the last dimension", () => {
    const wide = graph.input("wide", "float32", [4]);
    assert.throws(() => layerNormalization(x, wide, wide), {
      code: "GRAPH_SHAPE",
      message:
        "LayerNormalization: expected scale and bias of shape [3], got [batch,3] × [4] × [4]; match the last dimension",
    });
  });
});
