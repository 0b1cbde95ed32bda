import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Session, type Tensor } from "../runtime/session.js";
import {
  add,
  encodeModel,
  exp,
  Graph,
  gradients,
  layerNormalization,
  mul,
  reduceSum,
  reshape,
  slice,
} from "./index.js";

const includes = (model: Uint8Array, text: string): boolean => Buffer.from(model).includes(text);

const run = async (
  graph: Graph,
  feeds: Record<string, number[]>,
): Promise<{ inputs: readonly string[]; results: Record<string, number[]> }> => {
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  const tensors = Object.entries(feeds).map(([name, data]): [string, Tensor] => [
    name,
    { type: "float32", dims: [data.length], data: Float32Array.from(data) },
  ]);
  const results = await session.run(Object.fromEntries(tensors));
  const { inputs } = session;
  await session.close();
  return {
    inputs,
    results: Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
    ),
  };
};

describe("a written model", () => {
  test("holds only what its outputs need", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["n"]);
    const unused = graph.input("unused", "float32", [3]);
    exp(add(unused, graph.constant("float32", [3], Float32Array.of(17, 18, 19))));
    graph.output("y", mul(x, 2));
    const model = encodeModel(graph);
    assert.ok(!includes(model, "unused"));
    assert.ok(!includes(model, "Exp"));
    assert.ok(includes(model, "Mul"));
    assert.ok(model.length < 400, `a graph of one product in ${model.length} bytes`);
    const { inputs, results } = await run(graph, { x: [1, 2] });
    assert.deepEqual(inputs, ["x"]);
    assert.deepEqual(results, { y: [2, 4] });
  });

  test("leaves out the backward half when no gradient is asked for", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [4]);
    const loss = reduceSum(exp(x), [0]);
    graph.output("loss", loss);
    const forward = encodeModel(graph).length;
    const [dx] = gradients(loss, [x]);
    assert.equal(encodeModel(graph).length, forward);
    graph.output("dx", dx ?? loss);
    assert.ok(encodeModel(graph).length > forward);
  });

  test("may name an input, a constant or one value twice as outputs", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["n"]);
    graph.output("same", x);
    graph.output("again", x);
    graph.output("seven", graph.scalar(7));
    const { results } = await run(graph, { x: [3] });
    assert.deepEqual(results, { same: [3], again: [3], seven: [7] });
  });

  test("writes an operand once, and under a name that nobody else has", async () => {
    const graph = new Graph();
    const x = graph.input("operand_0", "float32", [4]);
    const y = graph.input("operand_0_", "float32", [4]);
    const halves = [slice(x, 0, 0, 2), slice(y, 0, 0, 2)].map((value) => reshape(value, [2, 1]));
    graph.output("operand_1", reshape(halves[0] ?? x, [2]));
    graph.output("y", reshape(halves[1] ?? y, [2]));
    const { results } = await run(graph, { operand_0: [1, 2, 3, 4], operand_0_: [5, 6, 7, 8] });
    assert.deepEqual(results, { operand_1: [1, 2], y: [5, 6] });
  });

  test("leaves the outputs of a node that nobody reads unnamed", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const one = graph.constant("float32", [2], Float32Array.of(1, 1));
    const y = layerNormalization(x, one, graph.constant("float32", [2], Float32Array.of(0, 0)));
    graph.output("y", y);
    const [, mean] = y.node?.outputs ?? [];
    assert.ok(!includes(encodeModel(graph), mean?.name ?? "absent"));
    const { results } = await run(graph, { x: [1, 3] });
    assert.deepEqual(results.y?.map(Math.round), [-1, 1]);
  });

  test("carries metadata", () => {
    const graph = new Graph();
    graph.output("y", graph.input("x", "float32", [2]));
    const model = encodeModel(graph, { licence: "Apache-2.0" });
    assert.ok(includes(model, "licence") && includes(model, "Apache-2.0"));
  });

  test("without outputs is refused", () => {
    assert.throws(() => encodeModel(new Graph()), {
      code: "GRAPH_SHAPE",
      message: "model: expected at least one output, got none; call graph.output(name, value)",
    });
  });
});
