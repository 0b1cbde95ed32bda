import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "./errors.js";
import { broadcastShapes, countElements, type Dim, divideDims, multiplyDims, sameShape } from "./shape.js";

const dims = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom("batch", "tokens", "heads")), {
  maxLength: 5,
});

/** A dimension with numbers for its symbols. */
const evaluate = (dim: Dim): number => {
  const sizes: Record<string, number> = { batch: 7, tokens: 11, heads: 13 };
  return String(dim)
    .split("*")
    .reduce((product, part) => product * (sizes[part] ?? Number(part)), 1);
};

describe("arithmetic of dimensions", () => {
  test("has one spelling for each product", () => {
    assert.equal(multiplyDims([]), 1);
    assert.equal(multiplyDims([3, 4]), 12);
    assert.equal(multiplyDims(["tokens", 3, "batch", 4]), "12*batch*tokens");
    assert.equal(multiplyDims(["batch*2", "3*batch"]), "6*batch*batch");
    assert.equal(multiplyDims(["12"]), 12);
  });

  test("products mean what they say, in any order", () => {
    fc.assert(
      fc.property(dims, (list) => {
        const product = multiplyDims(list);
        assert.equal(
          evaluate(product),
          list.reduce<number>((all, dim) => all * evaluate(dim), 1),
        );
        assert.equal(multiplyDims([...list].reverse()), product);
      }),
    );
  });

  test("division undoes multiplication", () => {
    fc.assert(
      fc.property(dims, dims, (a, b) => {
        assert.equal(divideDims(multiplyDims([...a, ...b]), multiplyDims(b)), multiplyDims(a));
      }),
    );
  });

  test("division is refused where it is not whole or a symbol stays below", () => {
    assert.equal(divideDims(7, 2), undefined);
    assert.equal(divideDims("6*batch", 4), undefined);
    assert.equal(divideDims("batch", "tokens"), undefined);
    assert.equal(divideDims(6, "batch"), undefined);
    assert.equal(divideDims("batch", "batch*batch"), undefined);
    assert.equal(divideDims(6, 0), undefined);
  });
});

describe("shapes", () => {
  test("are the same symbol by symbol", () => {
    assert.ok(sameShape(["batch", 3], ["batch", 3]));
    assert.ok(!sameShape(["batch", 3], ["tokens", 3]));
    assert.ok(!sameShape([3], [3, 3]));
  });

  test("broadcast as in ONNX; a symbol goes with itself and with 1", () => {
    assert.deepEqual(broadcastShapes("t", [2, 1], [3]), [2, 3]);
    assert.deepEqual(broadcastShapes("t", [], ["batch", 4]), ["batch", 4]);
    assert.deepEqual(broadcastShapes("t", ["batch", 1, 1], [12, "tokens"]), ["batch", 12, "tokens"]);
  });

  test("broadcasting is symmetric, and the result absorbs both sides", () => {
    const dim = fc.constantFrom<Dim>(1, 1, 4, "batch");
    const shape = fc.array(dim, { maxLength: 4 });
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        let both: readonly Dim[];
        try {
          both = broadcastShapes("t", a, b);
        } catch {
          assert.throws(() => broadcastShapes("t", b, a), AppError);
          return;
        }
        assert.deepEqual(broadcastShapes("t", b, a), both);
        assert.deepEqual(broadcastShapes("t", both, a), both);
        assert.deepEqual(broadcastShapes("t", both, b), both);
      }),
    );
  });

  test("that do not broadcast are refused with both shapes and the dimension", () => {
    assert.throws(() => broadcastShapes("Add", ["batch", 3], [4]), {
      code: "GRAPH_SHAPE",
      message:
        "Add: expected shapes that broadcast, got [batch,3] and [4]; make dimension 1 (3 against 4) equal or 1",
    });
    assert.throws(() => broadcastShapes("Add", ["batch"], ["tokens"]), { code: "GRAPH_SHAPE" });
    assert.throws(() => broadcastShapes("Add", ["batch"], [2]), { code: "GRAPH_SHAPE" });
  });

  test("are counted where all sizes are known, and refused otherwise", () => {
    assert.equal(countElements("t", [2, 3, 4]), 24);
    assert.throws(() => countElements("t", ["batch", 3]), {
      code: "GRAPH_SHAPE",
      message: "t: expected known dimensions, got [batch,3]; give numbers",
    });
  });
});
