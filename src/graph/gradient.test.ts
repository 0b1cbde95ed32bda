import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats, integers } from "../../test/evaluate-graph.js";
import {
  cast,
  exp,
  Graph,
  gather,
  gradients,
  greater,
  layerNormalization,
  mul,
  reduceSum,
  sub,
  tanh,
  type Value,
} from "./index.js";

describe("gradients", () => {
  test("of a value used twice add up", async () => {
    // x·x + 3x at 5 → 2·5 + 3
    const [dx] = await evaluate(
      (x) => {
        const loss = reduceSum(mul(x as Value, sub(x as Value, -3)), [0]);
        return gradients(loss, [x as Value]);
      },
      floats([1], [5]),
    );
    assert.deepEqual(dx?.data, [13]);
  });

  test("may be asked of values inside the graph: looked-up rows, one by one", async () => {
    const [rows] = await evaluate(
      (table, ids) => {
        const found = gather(table as Value, ids as Value);
        return gradients(reduceSum(mul(found, found), [0, 1]), [found]);
      },
      floats([3, 2], [1, 2, 3, 4, 5, 6]),
      integers([3], [2, 0, 2]),
    );
    assert.deepEqual(rows, { dims: [3, 2], data: [10, 12, 2, 4, 10, 12] });
  });

  test("of the loss itself is 1", async () => {
    const [one] = await evaluate((x) => gradients(x as Value, [x as Value]), floats([], [4]));
    assert.deepEqual(one, { dims: [], data: [1] });
  });

  test("may be taken of gradients", async () => {
    // x·x·tanh x at 0.5: the second derivative is 2t + 4x(1 − t²) − 2x²t(1 − t²)
    const [second] = await evaluate(
      (x) => {
        const [first] = gradients(mul(mul(x as Value, x as Value), tanh(x as Value)), [x as Value]);
        return gradients(first as Value, [x as Value]);
      },
      floats([], [0.5]),
    );
    const t = Math.tanh(0.5);
    const expected = 2 * t + 2 * (1 - t * t) - 0.5 * t * (1 - t * t);
    assert.ok(
      Math.abs((second?.data[0] as number) - expected) < 1e-5,
      `${second?.data[0]} is not ${expected}`,
    );
  });

  test("build nothing for inputs that need none", () => {
    const graph = new Graph();
    const [x, y] = [graph.input("x", "float32", [3]), graph.input("y", "float32", [3])];
    const loss = reduceSum(mul(exp(x), exp(y)), [0]);
    const before = graph.nodes.length;
    gradients(loss, [x]);
    const onlyX = graph.nodes.length - before;
    gradients(loss, [x, y]);
    assert.ok(graph.nodes.length - before > onlyX);
  });

  test("of anything but a float scalar are refused", () => {
    const x = new Graph().input("x", "float32", ["batch", 3]);
    assert.throws(() => gradients(x, [x]), {
      code: "GRAPH_GRADIENT",
      message: "gradients: expected a float32 scalar as loss, got float32 [batch,3]; sum it first",
    });
  });

  test("of what the loss does not depend on are refused, with its name", () => {
    const graph = new Graph();
    const [x, y] = [graph.input("x", "float32", [3]), graph.input("y", "float32", [3])];
    const expected = {
      code: "GRAPH_GRADIENT",
      message: "gradients: expected the loss to depend on y, got no path; leave it out or use it",
    };
    assert.throws(() => gradients(reduceSum(x, [0]), [x, y]), expected);
    const steps = reduceSum(cast(greater(y, 0), "float32"), [0]);
    assert.throws(() => gradients(steps, [y]), expected);
  });

  test("through a side output are refused", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const one = graph.constant("float32", [3], Float32Array.of(1, 1, 1));
    const mean = layerNormalization(x, one, one).node?.outputs[1] as Value;
    assert.throws(() => gradients(reduceSum(mean, [0, 1]), [x]), {
      code: "GRAPH_GRADIENT",
      message:
        /^LayerNormalization: expected a gradient through its first output only, got one through .*; compute that statistic with other ops$/,
    });
  });

  test("through an op without one are refused, with the reason", () => {
    const x = new Graph().input("x", "float32", [2]);
    assert.throws(() => gradients(reduceSum(cast(x, "float32"), [0]), [x]), {
      code: "GRAPH_GRADIENT",
      message:
        /^Cast: expected an op with a gradient on the way from the loss, got none: .*; take another way$/,
    });
  });
});
