import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { add, Graph, matmul, mul, reduceSum, softmax, transpose, type Value } from "./index.js";

describe("inputs and names", () => {
  test("a name is taken once, by inputs and outputs alike", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    graph.output("y", x);
    const message = /expected a name not yet used, got "[xy]"; choose another/;
    assert.throws(() => graph.input("x", "float32", [2]), { code: "GRAPH_SHAPE", message });
    assert.throws(() => graph.output("x", x), { code: "GRAPH_SHAPE", message });
    assert.throws(() => graph.output("y", x), { code: "GRAPH_SHAPE", message });
    assert.throws(() => graph.input("", "float32", [2]), { code: "GRAPH_SHAPE" });
  });

  test("made names keep clear of given ones", () => {
    const graph = new Graph();
    const x = graph.input("Add_0", "float32", [2]);
    const y = add(add(x, x), x);
    const names = [x, ...graph.nodes.flatMap((node) => node.outputs)].map((value) => value.name);
    assert.equal(new Set(names).size, 3);
    assert.ok(names.includes(y.name));
  });

  for (const shape of [[0], [-1], [1.5], [Number.NaN], [""], ["a b"], ["2x"], ["batch*"], ["-1"]]) {
    test(`a dimension of ${JSON.stringify(shape)} is refused and leaves the name free`, () => {
      const graph = new Graph();
      assert.throws(() => graph.input("x", "float32", shape), {
        code: "GRAPH_SHAPE",
        message: /^input x: expected positive sizes, got \[.*\]; use a symbol for what varies$/,
      });
      graph.input("x", "float32", [2]);
    });
  }

  test("dimensions get their one spelling", () => {
    const graph = new Graph();
    assert.deepEqual(graph.input("x", "float32", ["tokens*batch*2", "3", "batch"]).shape, [
      "2*batch*tokens",
      3,
      "batch",
    ]);
  });
});

describe("constants", () => {
  test("equal small ones are shared, different ones are not", () => {
    const graph = new Graph();
    assert.equal(graph.scalar(0.1), graph.scalar(0.1));
    assert.notEqual(graph.scalar(0.1), graph.scalar(0.2));
    assert.notEqual(graph.scalar(1), graph.constant("float32", [1], Float32Array.of(1)));
    assert.notEqual(
      graph.constant("int64", [], BigInt64Array.of(1n)),
      graph.constant("int32", [], Int32Array.of(1)),
    );
  });

  test("a length that does not fit is refused", () => {
    assert.throws(() => new Graph().constant("float32", [2, 3], new Float32Array(5)), {
      code: "GRAPH_SHAPE",
      message: "constant: expected 6 elements for [2,3], got 5; match them",
    });
  });
});

describe("equal nodes", () => {
  const build = (make: (a: Value, b: Value) => readonly Value[]): [Graph, readonly Value[]] => {
    const graph = new Graph();
    return [graph, make(graph.input("a", "float32", [2, 2]), graph.input("b", "float32", [2, 2]))];
  };

  test("are shared, down a whole expression", () => {
    const [graph, [one, two]] = build((a, b) => [
      softmax(matmul(a, mul(b, 2))),
      softmax(matmul(a, mul(b, 2))),
    ]);
    assert.equal(one, two);
    assert.equal(graph.nodes.length, 3);
  });

  test("are told apart by order, attributes and op", () => {
    const [graph] = build((a, b) => [
      mul(a, b),
      mul(b, a),
      matmul(a, b),
      softmax(a, 0),
      softmax(a, 1),
      transpose(a, [1, 0]),
      transpose(a, [0, 1]),
      reduceSum(a, [0]),
      reduceSum(a, [0], true),
    ]);
    assert.equal(graph.nodes.length, 9);
  });

  test("are told apart where names hold commas", () => {
    const graph = new Graph();
    const input = (name: string): Value => graph.input(name, "float32", [2]);
    const [ab, c, a, bc] = ["a,b", "c", "a", "b,c"].map(input) as [Value, Value, Value, Value];
    assert.notEqual(add(ab, c), add(a, bc));
  });
});

describe("mistakes", () => {
  test("values of two graphs do not mix", () => {
    const x = new Graph().input("x", "float32", [2]);
    const y = new Graph().input("y", "float32", [2]);
    assert.throws(() => add(x, y), {
      code: "GRAPH_TYPE",
      message: "Add: expected values of one graph, got y of another; build both sides in one graph",
    });
  });

  test("two plain numbers are no graph", () => {
    assert.throws(() => add(1, 2), {
      code: "GRAPH_TYPE",
      message: "Add: expected a value, got two numbers; compute them before building",
    });
  });

  test("a node that is refused leaves nothing behind", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    assert.throws(() => matmul(x, x), { code: "GRAPH_SHAPE" });
    assert.equal(graph.nodes.length, 0);
  });
});
