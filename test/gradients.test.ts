/** @file Every op's gradient, and those of random expressions, against central differences. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  AppError,
  add,
  concat,
  div,
  erf,
  Graph,
  gelu,
  gradients,
  greater,
  layerNormalization,
  logSoftmax,
  matmul,
  mul,
  type OpName,
  reduceMean,
  reduceSum,
  registry,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  sub,
  tanh,
  transpose,
  type Value,
  where,
} from "../src/graph/index.js";
import { checkGradients } from "./central-difference.js";
import { cases } from "./gradient-cases.js";

const total = (x: Value): Value =>
  x.shape.length === 0
    ? x
    : reduceSum(
        x,
        x.shape.map((_, axis) => axis),
      );

describe("the gradient of each op agrees with central differences", () => {
  for (const op of Object.keys(registry) as OpName[]) {
    const expected = cases[op];
    if ("none" in expected) {
      test(`${op} has none and is refused`, () => {
        assert.ok("none" in registry[op].gradient, "the registry and this test agree");
        const graph = new Graph();
        const x = graph.input("x", "float32", [2, 3]);
        const loss = total(expected.none(x));
        assert.ok(graph.nodes.some((node) => node.op === op));
        assert.throws(
          () => gradients(loss, [x]),
          (error) => error instanceof AppError && error.code === "GRAPH_GRADIENT",
        );
      });
      continue;
    }
    test(`${op}, ${expected.length} cases`, async () => {
      assert.equal(typeof registry[op].gradient, "function");
      assert.ok(expected.length > 0);
      for (const [i, one] of expected.entries()) {
        const { ops } = await checkGradients(one, { seed: i + 1 });
        assert.ok(ops.has(op), `case ${i} uses ${op}`);
      }
    });
  }
});

/** Expressions of values `[2,3]`: every one keeps the shape, so that they nest in any order. */
const expressions: readonly ((a: Value, b: Value) => Value)[] = [
  add,
  sub,
  (a, b) => mul(a, sigmoid(b)),
  (a, b) => div(a, add(1, softplus(b))),
  (a) => tanh(a),
  (a) => gelu(a),
  (a) => erf(mul(a, 0.5)),
  (a) => softmax(a),
  (a) => logSoftmax(a, 0),
  (a, b) => add(a, reduceMean(b, [1], true)),
  (a, b) => mul(reduceSum(a, [0]), tanh(b)),
  (a, b) => slice(concat([a, b], 0), 0, 1, 3),
  (a, b) => matmul(softmax(matmul(a, transpose(b, [1, 0]))), b),
  (a, b) => reshape(transpose(add(a, b), [1, 0]), [2, 3]),
  (a, b) => where(greater(a.graph.constant("float32", [3], Float32Array.of(1, -1, 1)), 0), a, b),
  (a, b) =>
    layerNormalization(
      a,
      reshape(slice(b, 0, 0, 1), [3]),
      a.graph.constant("float32", [3], Float32Array.of(0.1, 0, -0.1)),
      0.5,
    ),
];

test("random expressions of these ops agree with central differences", async () => {
  const pick = fc.record({
    rule: fc.nat(expressions.length - 1),
    left: fc.nat(99),
    right: fc.nat(99),
  });
  const property = fc.asyncProperty(
    fc.array(pick, { minLength: 1, maxLength: 10 }),
    fc.integer({ min: 1, max: 1e6 }),
    async (picks, seed) => {
      const build = (...leaves: readonly Value[]): Value => {
        const pool = [...leaves];
        for (const { rule, left, right } of picks) {
          const [a, b] = [pool[left % pool.length], pool[right % pool.length]] as [Value, Value];
          const expression = expressions[rule] as (a: Value, b: Value) => Value;
          pool.push(expression(a, b));
        }
        // The squares make every leaf count, also one that no expression picked.
        return leaves.reduce((sum, leaf) => add(sum, mul(0.1, mul(leaf, leaf))), pool.at(-1) as Value);
      };
      await checkGradients(
        { inputs: [{ shape: [2, 3] }, { shape: [2, 3] }], build },
        { seed, tolerance: 1e-2 },
      );
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 20 });
});
