import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../base/random.js";
import { encodeModel, Graph } from "../../graph/index.js";
import { Session, type Tensor } from "../../runtime/session.js";
import { Dropout, resolveDim } from "./dropout.js";

const sizes = { batch: 5, tokens: 7 };

function buildMasks(probability: number, seed: number): Record<string, Tensor> {
  const graph = new Graph();
  const dropout = new Dropout(graph);
  dropout.apply(graph.input("x", "float32", ["batch*tokens", 1001]), probability);
  return dropout.draw(Random.seeded(seed), sizes);
}

describe("dropout", () => {
  test("keeps the asked share of elements", () => {
    for (const probability of [0.1, 0.5, 0.9]) {
      const { data, dims } = buildMasks(probability, 1)["dropout.0"] as Tensor;
      assert.deepEqual(dims, [35, 1001]);
      const kept = Array.from(data, Number).reduce((sum, bit) => sum + bit, 0) / data.length;
      const deviation = Math.sqrt((probability * (1 - probability)) / data.length);
      assert.ok(Math.abs(kept - (1 - probability)) < 4 * deviation, `kept ${kept} at ${probability}`);
      assert.ok(Array.from(data, Number).every((bit) => bit === 0 || bit === 1));
    }
  });

  test("draws the same masks from the same seed, others from another, and fresh ones each time", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => buildMasks(0.3, seed)["dropout.0"] as Tensor);
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, c);
    const graph = new Graph();
    const dropout = new Dropout(graph);
    dropout.apply(graph.input("x", "float32", ["batch", 64]), 0.5);
    const random = Random.seeded(1);
    assert.notDeepEqual(dropout.draw(random, sizes), dropout.draw(random, sizes));
  });

  test("zeroes what is dropped and makes up for it in what is kept", async () => {
    const graph = new Graph();
    const dropout = new Dropout(graph);
    graph.output("y", dropout.apply(graph.input("x", "float32", ["batch", 4]), 0.2));
    const session = await Session.open(encodeModel(graph), { threads: 1 });
    const feeds = dropout.draw(Random.seeded(3), { batch: 2 });
    const mask = Array.from((feeds["dropout.0"] as Tensor).data, Number);
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const { y } = await session.run({ ...feeds, x: { type: "float32", dims: [2, 4], data: x } });
    await session.close();
    (y as Tensor).data.forEach((value, i) => {
      assert.ok(Math.abs(Number(value) - ((x[i] as number) * (mask[i] as number)) / 0.8) < 1e-6);
    });
    assert.ok(mask.includes(0) && mask.includes(1));
  });

  test("of 0 adds nothing to the graph", () => {
    const graph = new Graph();
    const dropout = new Dropout(graph);
    const x = graph.input("x", "float32", [2]);
    assert.equal(dropout.apply(x, 0), x);
    assert.deepEqual(dropout.draw(Random.seeded(1), {}), {});
    assert.equal(graph.nodes.length, 0);
  });

  test("sizes of symbols and of their products are found", () => {
    assert.equal(resolveDim(3, {}), 3);
    assert.equal(resolveDim("tokens", sizes), 7);
    assert.equal(resolveDim("12*batch*tokens", sizes), 420);
  });
});
