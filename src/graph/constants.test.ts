import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { add, cast, encodeModel, Graph, readConstants } from "./index.js";

/** A model with constants of every kind, two of them alike. */
function writeModel(): Uint8Array {
  const graph = new Graph();
  const two = Float32Array.of(0.5, -0);
  const kinds = [
    graph.constant("float32", [1, 2], two, "first"),
    graph.constant("float32", [1, 2], two, "second"),
    graph.constant("float32", [], Float32Array.of(7), "scalar"),
    graph.constant("int8", [3], Int8Array.of(-128, 0, 127), "bytes"),
    graph.constant("uint8", [1], Uint8Array.of(255), "whole"),
    graph.constant("int64", [2], BigInt64Array.of(-1n, 2n ** 40n), "places"),
  ];
  for (const [i, value] of kinds.entries()) graph.output(`out${i}`, cast(value, "float32"));
  graph.output("sum", add(graph.input("x", "float32", [1, 2]), two.length));
  return encodeModel(graph);
}

describe("the constants of a model", () => {
  test("come back under their names, like ones apart", () => {
    const constants = readConstants(writeModel());
    const { type, dims, data } = constants.get("first") ?? {};
    assert.deepEqual([type, dims, data], ["float32", [1, 2], Float32Array.of(0.5, -0)]);
    assert.deepEqual(constants.get("second"), constants.get("first"));
    assert.deepEqual(constants.get("scalar"), { type: "float32", dims: [], data: Float32Array.of(7) });
    assert.deepEqual(constants.get("bytes")?.data, Int8Array.of(-128, 0, 127));
    assert.deepEqual(constants.get("whole")?.data, Uint8Array.of(255));
    assert.deepEqual(constants.get("places")?.data, BigInt64Array.of(-1n, 2n ** 40n));
    assert.equal(constants.has("x"), false);
  });

  test("a name stands once in a graph", () => {
    const graph = new Graph();
    graph.constant("float32", [1], Float32Array.of(1), "once");
    assert.throws(() => graph.constant("float32", [1], Float32Array.of(1), "once"), { code: "GRAPH_SHAPE" });
  });

  test("a model with any byte changed or cut off is read or refused, never more", () => {
    const model = writeModel();
    const place = fc.nat(model.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), place, (at, byte, end) => {
        const changed = Uint8Array.from(model.subarray(0, Math.max(end, 1)));
        changed[at % changed.length] = byte;
        try {
          readConstants(changed);
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === "MODEL_FILE", `${error}`);
        }
      }),
      { numRuns: 400 },
    );
  });
});
