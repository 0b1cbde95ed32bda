import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { booleans, evaluate, floats, integers } from "../../../test/evaluate-graph.js";
import {
  abs,
  add,
  cast,
  div,
  equal,
  erf,
  exp,
  Graph,
  gelu,
  greater,
  log,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  softplus,
  sqrt,
  sub,
  tanh,
  type Value,
  where,
} from "../index.js";

/** erf by its power series: Σ (−1)ⁿ x^(2n+1) / (n!(2n+1)) · 2/√π. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const numbers = [-3, -1.5, -0.25, 0, 0.25, 1, 2.5];
const positive = [0.1, 0.5, 1, 2, 9];

const unary: readonly [string, (x: Value) => Value, (x: number) => number, readonly number[]][] = [
  ["neg", neg, (x) => -x, numbers],
  ["abs", abs, Math.abs, numbers],
  ["exp", exp, Math.exp, numbers],
  ["log", log, Math.log, positive],
  ["sqrt", sqrt, Math.sqrt, positive],
  ["reciprocal", reciprocal, (x) => 1 / x, positive],
  ["tanh", tanh, Math.tanh, numbers],
  ["sigmoid", sigmoid, (x) => 1 / (1 + Math.exp(-x)), numbers],
  ["softplus", softplus, (x) => Math.log1p(Math.exp(x)), numbers],
  ["erf", erf, erfSeries, numbers],
  ["relu", relu, (x) => Math.max(x, 0), numbers],
  ["gelu", gelu, (x) => (x * (1 + erfSeries(x / Math.SQRT2))) / 2, numbers],
];

const binary: readonly [string, (a: Value, b: Value) => Value, (a: number, b: number) => number][] = [
  ["add", add, (a, b) => a + b],
  ["sub", sub, (a, b) => a - b],
  ["mul", mul, (a, b) => a * b],
  ["div", div, (a, b) => a / b],
  ["greater", greater, (a, b) => Number(a > b)],
  ["equal", equal, (a, b) => Number(a === b)],
];

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    const got = actual[i] as number;
    assert.ok(Math.abs(got - value) <= 2e-6 * Math.max(1, Math.abs(value)), `[${i}]: ${got} is not ${value}`);
  });
}

describe("what elementwise ops compute", () => {
  for (const [name, op, expected, inputs] of unary) {
    test(name, async () => {
      const [y] = await evaluate((x) => op(x as Value), floats([inputs.length], inputs));
      assertClose(y?.data ?? [], inputs.map(expected));
    });
  }

  for (const [name, op, expected] of binary) {
    test(`${name}, row against column`, async () => {
      const [row, column] = [
        [1, -2, 0.5],
        [3, -2],
      ];
      const [y] = await evaluate(
        (a, b) => op(a as Value, b as Value),
        floats([3], row),
        floats([2, 1], column),
      );
      assert.deepEqual(y?.dims, [2, 3]);
      assertClose(
        y?.data ?? [],
        column.flatMap((b) => row.map((a) => expected(a, b))),
      );
    });
  }

  test("where chooses and broadcasts", async () => {
    const [y] = await evaluate(
      (c, a, b) => where(c as Value, a as Value, b as Value),
      booleans([2, 2], [1, 0, 0, 1]),
      floats([2], [1, 2]),
      floats([], [9]),
    );
    assert.deepEqual(y, { dims: [2, 2], data: [1, 9, 9, 2] });
  });

  test("cast cuts off towards 0, and makes numbers of bools", async () => {
    const [whole, number] = await evaluate(
      (x, b) => [cast(x as Value, "int64"), cast(b as Value, "float32")],
      floats([3], [-1.7, 0.9, 2.2]),
      booleans([2], [1, 0]),
    );
    assert.deepEqual(whole?.data, [-1, 0, 2]);
    assert.deepEqual(number?.data, [1, 0]);
  });

  test("a number stands for a scalar on either side", async () => {
    const [left, right] = await evaluate(
      (x) => [sub(1, x as Value), sub(x as Value, 1)],
      floats([2], [3, 5]),
    );
    assert.deepEqual(left?.data, [-2, -4]);
    assert.deepEqual(right?.data, [2, 4]);
  });

  test("integers add", async () => {
    const [y] = await evaluate(
      (a, b) => add(a as Value, b as Value),
      integers([2], [1, 2]),
      integers([], [10]),
    );
    assert.deepEqual(y?.data, [11, 12]);
  });
});

describe("what elementwise ops refuse", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", 3]);
  const ids = graph.input("ids", "int64", ["batch", 3]);

  test("shapes that do not broadcast", () => {
    assert.throws(() => mul(x, graph.input("wide", "float32", [4])), {
      code: "GRAPH_SHAPE",
      message:
        "Mul: expected shapes that broadcast, got [batch,3] and [4]; make dimension 1 (3 against 4) equal or 1",
    });
  });

  test("types that differ", () => {
    assert.throws(() => add(x, ids), {
      code: "GRAPH_TYPE",
      message: "Add: expected equal types, got float32 and int64; cast one of them",
    });
    assert.throws(() => exp(ids), {
      code: "GRAPH_TYPE",
      message: "Exp: expected input 0 (ids) of type float32, got int64; cast it first",
    });
    assert.throws(() => where(x, x, x), {
      code: "GRAPH_TYPE",
      message: /^Where: expected input 0 \(x\) of type bool/,
    });
  });
});
