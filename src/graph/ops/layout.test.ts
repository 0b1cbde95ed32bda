import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats, integers } from "../../../test/evaluate-graph.js";
import type { Shape } from "../../base/shape.js";
import {
  concat,
  expand,
  expandLike,
  Graph,
  pad,
  range,
  reshape,
  reshapeTo,
  shapeOf,
  slice,
  transpose,
  transposeLast,
  unsqueeze,
  type Value,
} from "../index.js";

const six = floats([2, 3], [1, 2, 3, 4, 5, 6]);
const sizesOf = (x: Value, ...sizes: number[]): Value =>
  x.graph.constant("int64", [sizes.length], BigInt64Array.from(sizes, BigInt));

const results: readonly [string, (x: Value) => Value, readonly number[], readonly number[]][] = [
  ["transpose", (x) => transpose(x, [1, 0]), [3, 2], [1, 4, 2, 5, 3, 6]],
  ["transposeLast", transposeLast, [3, 2], [1, 4, 2, 5, 3, 6]],
  ["reshape with -1", (x) => reshape(x, [3, -1]), [3, 2], [1, 2, 3, 4, 5, 6]],
  ["reshape with 0", (x) => reshape(x, [0, 3, 1]), [2, 3, 1], [1, 2, 3, 4, 5, 6]],
  ["reshapeTo", (x) => reshapeTo(x, sizesOf(x, 6, 1), [6, 1]), [6, 1], [1, 2, 3, 4, 5, 6]],
  ["unsqueeze", (x) => unsqueeze(x, [2, 0]), [1, 2, 1, 3], [1, 2, 3, 4, 5, 6]],
  ["concat", (x) => concat([x, slice(x, 1, 2, 3)], 1), [2, 4], [1, 2, 3, 3, 4, 5, 6, 6]],
  ["slice", (x) => slice(x, 1, 1, 3), [2, 2], [2, 3, 5, 6]],
  ["pad", (x) => pad(x, 0, 1, 0), [3, 3], [0, 0, 0, 1, 2, 3, 4, 5, 6]],
  ["shapeOf", shapeOf, [2], [2, 3]],
  ["expand", (x) => expand(slice(x, 0, 1, 2), sizesOf(x, 2, 3), [2, 3]), [2, 3], [4, 5, 6, 4, 5, 6]],
  ["expandLike", (x) => expandLike(slice(x, 1, 0, 1), x), [2, 3], [1, 1, 1, 4, 4, 4]],
];

describe("what layout ops give", () => {
  for (const [name, op, dims, data] of results) {
    test(name, async () => {
      const [y] = await evaluate((x) => op(x as Value), six);
      assert.deepEqual(y, { dims, data });
    });
  }

  test("transpose of four dimensions goes by the permutation", async () => {
    const numbers = Array.from({ length: 24 }, (_, i) => i);
    const [y] = await evaluate((x) => transpose(x as Value, [2, 0, 3, 1]), floats([2, 2, 3, 2], numbers));
    assert.deepEqual(y?.dims, [3, 2, 2, 2]);
    // y[c,a,d,b] = x[a,b,c,d]
    assert.equal(y?.data[((2 * 2 + 1) * 2 + 0) * 2 + 1], ((1 * 2 + 1) * 3 + 2) * 2 + 0);
  });

  test("range counts up to its limit", async () => {
    const [y] = await evaluate(
      (start, limit) => range(start as Value, limit as Value, "n"),
      integers([], [2]),
      integers([], [6]),
    );
    assert.deepEqual(y, { dims: [4], data: [2, 3, 4, 5] });
  });
});

describe("shapes with symbols", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", "tokens", 12]);

  const shapes: readonly [string, Value, Shape][] = [
    ["rows joined", reshape(x, [-1, 12]), ["batch*tokens", 12]],
    ["rows joined and columns split", reshape(x, [-1, 3, 4]), ["batch*tokens", 3, 4]],
    ["a size split off the product", reshape(x, [-1, 6]), ["2*batch*tokens", 6]],
    ["a dimension kept", reshape(x, [0, -1]), ["batch", "12*tokens"]],
    ["all in one", reshape(x, [-1]), ["12*batch*tokens"]],
    ["given back", reshapeTo(reshape(x, [-1, 12]), shapeOf(x), x.shape), ["batch", "tokens", 12]],
    ["transposed", transpose(x, [1, 0, 2]), ["tokens", "batch", 12]],
  ];
  for (const [name, { shape }, expected] of shapes) test(name, () => assert.deepEqual(shape, expected));
});

describe("what layout ops refuse", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", 6]);
  const y = graph.input("y", "float32", [2, 3]);

  const mistakes: readonly [string, () => Value, RegExp][] = [
    [
      "a permutation that repeats",
      () => transpose(x, [1, 1]),
      /^Transpose: expected a permutation of 2 dimensions instead of \[1,1\], got \[batch,6\]; name each once$/,
    ],
    ["a permutation too short", () => transpose(x, [0]), /^Transpose: /],
    [
      "elements that do not fill the target",
      () => reshape(y, [4, -1]),
      /^Reshape: expected 6 elements to fill \[4,-1\], got \[2,3\]; choose sizes whose product divides it$/,
    ],
    [
      "a target of another size",
      () => reshape(y, [2, 4]),
      /^Reshape: expected 8 elements for \[2,4\], got \[2,3\]; use -1/,
    ],
    [
      "two sizes left open",
      () => reshape(y, [-1, -1]),
      /^Reshape: expected .* at most one -1 instead of \[-1,-1\]/,
    ],
    [
      "a 0 where there is no dimension",
      () => reshape(y, [3, 2, 0]),
      /^Reshape: expected .* 0 for one that is there/,
    ],
    ["a negative size", () => reshape(y, [-2, -3]), /^Reshape: expected positive sizes/],
    [
      "reshapeTo of another count",
      () => reshapeTo(y, shapeOf(y), [2, 4]),
      /^ReshapeTo: expected as many elements as \[2,4\], got \[2,3\]/,
    ],
    [
      "reshapeTo of another rank",
      () => reshapeTo(y, shapeOf(y), [6]),
      /^ReshapeTo: expected a target of 1 sizes, got \[2\]/,
    ],
    [
      "unsqueeze beyond the result",
      () => unsqueeze(y, [3]),
      /^Unsqueeze: expected different axes from 0 to 2 instead of \[3\]/,
    ],
    ["unsqueeze of a negative axis", () => unsqueeze(y, [-1]), /^Unsqueeze: /],
    ["unsqueeze of one axis twice", () => unsqueeze(y, [0, 0]), /^Unsqueeze: /],
    [
      "concat along other sizes",
      () => concat([x, y], 1),
      /^Concat: expected shapes equal but for dimension 1, got \[batch,6\] × \[2,3\]/,
    ],
    [
      "concat along a symbol",
      () => concat([x, x], 0),
      /^Concat: expected dimension 0 to be a number, got \[batch,6\]/,
    ],
    [
      "a slice beyond the end",
      () => slice(y, 1, 1, 4),
      /^Slice: expected 0 ≤ start < end ≤ 3 instead of 1 to 4, got \[2,3\]/,
    ],
    ["an empty slice", () => slice(y, 1, 1, 1), /^Slice: /],
    ["a slice along a symbol", () => slice(x, 0, 0, 1), /^Slice: expected dimension 0 to be a number/],
    [
      "expand of a dimension that is not 1",
      () => expand(y, shapeOf(y), [4, 3]),
      /^Expand: expected a shape that stretches to \[4,3\], got \[2,3\]; only dimensions of 1 stretch$/,
    ],
    ["expand to a lower rank", () => expand(y, sizesOf(y, 3), [3]), /^Expand: expected rank ≤ 1, got 2/],
  ];
  for (const [name, build, message] of mistakes) {
    test(name, () => assert.throws(build, { code: "GRAPH_SHAPE", message }));
  }
});
