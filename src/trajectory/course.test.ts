import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { countNeeded, courses, testCourse } from "./course.js";

const verdict = (values: readonly number[]) => testCourse(values, values, 0.05);
const pOf = (values: readonly number[], course: (typeof courses)[number]): number =>
  verdict(values).tests[courses.indexOf(course)]?.pValue as number;

/** Every order of 0 … n−1. */
function* orders(n: number, taken: readonly number[] = []): Generator<readonly number[]> {
  if (taken.length === n) yield taken;
  for (let k = 0; k < n; k++) if (!taken.includes(k)) yield* orders(n, [...taken, k]);
}

describe("courses of a few readings", () => {
  test("five in a row up or down are the fewest that can be told from chance", () => {
    assert.equal(countNeeded(0.05), 5);
    assert.equal(countNeeded(0.2), 4);
    assert.equal(verdict([1, 2, 3, 4, 5]).course, "improving");
    assert.equal(pOf([1, 2, 3, 4, 5], "improving"), 1 / 120);
    assert.equal(verdict([5, 4, 3, 2, 1]).course, "declining");
    assert.equal(verdict([1, 2, 3, 5, 4]).course, undefined);
  });

  test("p-values of trend are those of Spearman's test counted out over all orders", () => {
    const slope = (values: readonly number[]): number => values.reduce((sum, value, i) => sum + i * value, 0);
    const all = [...orders(6)].map(slope);
    for (const values of [
      [0, 1, 2, 4, 3, 5],
      [2, 0, 5, 1, 3, 4],
      [5, 4, 0, 1, 2, 3],
    ]) {
      const atLeast = all.filter((one) => one >= slope(values)).length;
      assert.ok(Math.abs(pOf(values, "improving") - atLeast / 720) < 1e-12);
    }
  });

  test("over all orders of six each course is claimed of no more than its share", () => {
    const claimed = new Map<string | undefined, number>();
    for (const order of orders(6)) {
      const { course } = verdict(order);
      claimed.set(course, (claimed.get(course) ?? 0) + 1);
    }
    for (const course of courses) {
      const share = (claimed.get(course) ?? 0) / 720;
      assert.ok(share > 0.004 && share <= 0.0125, `${course} ${share}`);
    }
  });

  test("a fall and a rise is a recovery; a fall that stays down, or a dent of one, is none", () => {
    assert.equal(verdict([6, 4, 2, 1, 5, 8]).course, "recovering");
    assert.notEqual(verdict([8, 6, 4, 1, 2, 1.5]).course, "recovering");
    assert.notEqual(verdict([5, 5, 5, 0, 5, 5, 5, 5]).course, "recovering");
    assert.equal(pOf([5, 0, 4, 6], "recovering"), 1, "two falling or rising readings are no arm");
    assert.equal(verdict([9, 7, 8, 5, 4, 2, 1, 3, 2, 4, 6, 5, 8, 9]).course, "recovering");
    assert.equal(verdict([9, 8, 9, 7, 5, 6, 3, 2, 1, 2, 1.5, 1.2, 1.9, 1.4]).course, "declining");
  });

  test("readings that swing to and fro are volatile; the same readings apart are not", () => {
    const swinging = [1, 9, 2, 8, 1.5, 9.5, 2.5, 8.5, 0.5, 7.5];
    assert.equal(verdict(swinging).course, "volatile");
    assert.notEqual(verdict([...swinging].sort((a, b) => a - b)).course, "volatile");
  });

  test("a series without change is no evidence, nor are a handful of equal readings", () => {
    for (const n of [1, 2, 5, 7, 8, 40]) {
      const { course, tests } = verdict(Array(n).fill(0.3));
      assert.equal(course, undefined);
      assert.deepEqual(
        tests.map(({ pValue }) => pValue),
        [1, 1, 1, 1],
      );
    }
  });
});

describe("properties", () => {
  const series = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 });

  test("only ranks count: any rising function of the readings leaves every p-value", () => {
    fc.assert(
      fc.property(series, (values) => {
        assert.deepEqual(verdict(values.map((value) => Math.exp(value / 9))), verdict(values));
      }),
    );
  });

  test("turned upside down, up is down and swinging is swinging", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 }), (values) => {
        const turned = values.map((value) => -value);
        assert.equal(pOf(turned, "improving"), pOf(values, "declining"));
        assert.equal(pOf(turned, "volatile"), pOf(values, "volatile"));
      }),
    );
  });

  test("the same series gets the same verdict, and p-values are never 0", () => {
    fc.assert(
      fc.property(series, series, (a, b) => {
        const n = Math.min(a.length, b.length);
        const first = testCourse(a.slice(0, n), b.slice(0, n), 0.05);
        assert.deepEqual(testCourse(a.slice(0, n), b.slice(0, n), 0.05), first);
        for (const { pValue } of first.tests) assert.ok(pValue > 0 && pValue <= 1);
      }),
    );
  });
});
