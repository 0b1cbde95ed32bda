import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats } from "../../../test/evaluate-graph.js";
import { Random } from "../../base/random.js";
import type { Shape } from "../../base/shape.js";
import { Graph, gemm, matmul, type Value } from "../index.js";

const random = Random.seeded(3);
const draw = (count: number): number[] => Array.from({ length: count }, () => Math.fround(random.normal()));

/** a `[m,k]` × b `[k,n]` in double precision. */
function multiply(a: readonly number[], b: readonly number[], m: number, k: number, n: number): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) sum += (a[row * k + i] as number) * (b[i * n + column] as number);
    return sum;
  });
}

function flip(x: readonly number[], rows: number, columns: number): number[] {
  return Array.from(
    { length: rows * columns },
    (_, at) => x[(at % rows) * columns + Math.floor(at / rows)] as number,
  );
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs((actual[i] as number) - value) <= 1e-5, `[${i}]: ${actual[i]} is not ${value}`);
  });
}

describe("what products compute", () => {
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      test(`gemm with transA ${transA}, transB ${transB} and a bias`, async () => {
        const [m, k, n] = [3, 4, 2];
        const [a, b, c] = [draw(m * k), draw(k * n), draw(n)];
        const [y] = await evaluate(
          (x, w, bias) => gemm(x as Value, w as Value, bias, { transA, transB }),
          transA ? floats([k, m], flip(a, m, k)) : floats([m, k], a),
          transB ? floats([n, k], flip(b, k, n)) : floats([k, n], b),
          floats([n], c),
        );
        assert.deepEqual(y?.dims, [m, n]);
        assertClose(
          y?.data ?? [],
          multiply(a, b, m, k, n).map((value, i) => value + (c[i % n] as number)),
        );
      });
    }
  }

  test("matmul multiplies each pair of a batch, one matrix shared", async () => {
    const [a, b] = [draw(2 * 3 * 4), draw(4 * 2)];
    const [y] = await evaluate(
      (x, w) => matmul(x as Value, w as Value),
      floats([2, 3, 4], a),
      floats([4, 2], b),
    );
    assert.deepEqual(y?.dims, [2, 3, 2]);
    assertClose(y?.data ?? [], multiply(a, b, 6, 4, 2));
  });

  test("matmul broadcasts the batches of both sides", async () => {
    const [a, b] = [draw(2 * 2 * 3), draw(3 * 3 * 2)];
    const [y] = await evaluate(
      (x, w) => matmul(x as Value, w as Value),
      floats([2, 1, 2, 3], a),
      floats([3, 3, 2], b),
    );
    assert.deepEqual(y?.dims, [2, 3, 2, 2]);
    const expected = [0, 1].flatMap((i) =>
      [0, 1, 2].flatMap((j) => multiply(a.slice(i * 6, i * 6 + 6), b.slice(j * 6, j * 6 + 6), 2, 3, 2)),
    );
    assertClose(y?.data ?? [], expected);
  });
});

describe("what products refuse", () => {
  const graph = new Graph();
  const matrix = (name: string, ...shape: Shape): Value => graph.input(name, "float32", shape);
  const x = matrix("x", 8, 64);

  test("inner sizes that differ, with the cure that fits", () => {
    assert.throws(() => matmul(x, matrix("w", 32, 64)), {
      code: "GRAPH_SHAPE",
      message: "MatMul: expected inner sizes equal, got [8,64] × [32,64]; transpose one side",
    });
    assert.throws(() => matmul(x, matrix("v", 32, 16)), {
      code: "GRAPH_SHAPE",
      message: "MatMul: expected inner sizes equal, got [8,64] × [32,16]; make 64 and 32 the same",
    });
    assert.throws(() => gemm(x, matrix("u", 32, 64)), {
      code: "GRAPH_SHAPE",
      message: /^Gemm.*: expected inner sizes equal, got \[8,64\] × \[32,64\]; transpose one side$/,
    });
  });

  test("symbols that differ", () => {
    const batch = matrix("batch-first", "batch", "tokens");
    assert.throws(() => matmul(batch, matrix("other", "batch", 3)), { code: "GRAPH_SHAPE" });
  });

  test("vectors, batches given to gemm and a bias that fits nothing", () => {
    assert.throws(() => matmul(matrix("vector", 64), x), {
      code: "GRAPH_SHAPE",
      message: /^MatMul: expected matrices, got \[64\] × \[8,64\]; unsqueeze/,
    });
    assert.throws(() => gemm(matrix("cube", 2, 8, 64), matrix("square", 64, 64)), {
      code: "GRAPH_SHAPE",
      message: /^Gemm: expected two matrices, got \[2,8,64\] × \[64,64\]; use matmul for batches$/,
    });
    assert.throws(() => gemm(x, matrix("r", 64, 1), matrix("long", 5)), {
      code: "GRAPH_SHAPE",
      message: /a bias that broadcasts to the product.*give it the shape \[1\]/,
    });
  });
});
