import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats, integers } from "../../../test/evaluate-graph.js";
import { Graph, gather, scatterAdd, type Value } from "../index.js";

describe("what indexing gives", () => {
  test("rows in the order asked, in the shape of the indices", async () => {
    const [rows] = await evaluate(
      (table, ids) => gather(table as Value, ids as Value),
      floats([3, 2], [1, 2, 3, 4, 5, 6]),
      integers([2, 2], [2, 0, 0, 1]),
    );
    assert.deepEqual(rows, { dims: [2, 2, 2], data: [5, 6, 1, 2, 1, 2, 3, 4] });
  });

  test("updates that meet add up", async () => {
    const [sums] = await evaluate(
      (data, indices, updates) => scatterAdd(data as Value, indices as Value, updates as Value),
      floats([3, 2], [1, 1, 1, 1, 1, 1]),
      integers([3, 2], [0, 0, 2, 2, 0, 0]),
      floats([3, 2], [1, 2, 3, 4, 5, 6]),
    );
    assert.deepEqual(sums, { dims: [3, 2], data: [7, 9, 1, 1, 4, 5] });
  });
});

describe("what indexing refuses", () => {
  const graph = new Graph();
  const table = graph.input("table", "float32", [3, 2]);
  const ids = graph.input("ids", "int64", ["batch"]);

  test("indices that are no integers, and a scalar to look into", () => {
    assert.throws(() => gather(table, table), {
      code: "GRAPH_TYPE",
      message: "Gather: expected input 1 (table) of type int64 or int32, got float32; cast it first",
    });
    assert.throws(() => gather(graph.scalar(1), ids), {
      code: "GRAPH_SHAPE",
      message: /^Gather: expected rows to look up/,
    });
  });

  test("scattering anything but matrices", () => {
    assert.throws(() => scatterAdd(table, ids, table), {
      code: "GRAPH_SHAPE",
      message:
        "ScatterElements: expected three matrices, got [3,2] × [batch] × [3,2]; reshape them to two dimensions",
    });
  });
});
