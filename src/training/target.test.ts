import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HeadName, headNames, headSizes } from "../base/head.js";
import type { Example } from "../data/example.js";
import { buildTargets, type TargetOptions, writeTarget } from "./target.js";

const whole = { emotion: 1, goemotions: 1, pad: 1, emobank: 1, readiness: 1, support: 1 };
const options: TargetOptions = { heads: headNames, alsoShare: 0.15, labelSmoothing: 0, labelShares: whole };

const bare: Example = { id: "x", text: "x", split: "train" };
const labelled: Example = {
  ...bare,
  emotion: { primary: 3, also: [5, 7] },
  goemotions: [0, 27],
  pad: [0.1, 0.2, 0.3],
  emobank: [0.4, 0.5, 0.6],
  readiness: 0.7,
  support: 2,
};

function targetOf(head: HeadName, example: Example, changes: Partial<TargetOptions> = {}): number[] {
  const out = new Float32Array(headSizes[head]);
  assert.ok(writeTarget(head, example, { ...options, ...changes }, out, 0), "the label is there");
  return [...out];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function assertClose(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual} is not ${expected}`);
}

describe("targets", () => {
  test("of an emotion: most on the main class, the rest shared by the others named", () => {
    const target = targetOf("emotion", labelled);
    assertClose(target[3], 0.85);
    assertClose(target[5], 0.075);
    assertClose(target[7], 0.075);
    assertClose(sum(target), 1);
  });

  test("of an emotion alone: all on it", () => {
    const target = targetOf("emotion", { ...bare, emotion: { primary: 40, also: [] } });
    assert.equal(target[40], 1);
    assert.equal(sum(target), 1);
  });

  test("smoothed: a part spread evenly, still summing to 1", () => {
    const target = targetOf("emotion", labelled, { labelSmoothing: 0.1 });
    assertClose(target[0], 0.1 / 41);
    assertClose(target[3], 0.1 / 41 + 0.9 * 0.85);
    assertClose(sum(target), 1);
  });

  test("of GoEmotions: 1 for each label, none for an example with an empty list", () => {
    const target = targetOf("goemotions", labelled);
    assert.deepEqual(
      target.flatMap((value, i) => (value === 1 ? [i] : [])),
      [0, 27],
    );
    assert.equal(sum(targetOf("goemotions", { ...bare, goemotions: [] })), 0);
  });

  test("of numbers: as they are, each scale on its own head", () => {
    assert.deepEqual(targetOf("pad", labelled), [...Float32Array.of(0.1, 0.2, 0.3)]);
    assert.deepEqual(targetOf("emobank", labelled), [...Float32Array.of(0.4, 0.5, 0.6)]);
    assert.deepEqual(targetOf("readiness", labelled), [Math.fround(0.7)]);
    assert.deepEqual(targetOf("readiness", { ...bare, readiness: 0 }), [0]);
  });

  test("of support: highest at the level, the same on both sides, falling with distance", () => {
    for (let support = 0; support < 6; support++) {
      const target = targetOf("support", { ...bare, support });
      assertClose(sum(target), 1);
      assert.ok((target[support] as number) > 0.7);
      for (let level = 0; level < 6; level++) {
        const ratio = (target[level] as number) / (target[support] as number);
        assertClose(ratio, Math.exp(-1.8 * Math.abs(level - support)));
      }
    }
  });

  test("without a label: nothing is written and nothing weighs", () => {
    for (const head of headNames) {
      const out = new Float32Array(headSizes[head]);
      assert.equal(writeTarget(head, bare, options, out, 0), false, head);
      assert.ok(out.every((value) => value === 0));
    }
  });
});

describe("the targets of a batch", () => {
  test("stand row by row, and weigh 1 / (rows · share) where there is a label", () => {
    const labelShares = { ...whole, emotion: 0.5 };
    const { feeds } = buildTargets([bare, labelled, bare], { ...options, labelShares }, 8);
    assert.deepEqual(feeds["target.emotion"]?.dims, [3, 41]);
    assert.deepEqual([...(feeds["weight.emotion"]?.data ?? [])], [0, 1 / (8 * 0.5), 0]);
    assert.deepEqual([...(feeds["weight.support"]?.data ?? [])], [0, 1 / 8, 0]);
    assertClose(Number(feeds["target.emotion"]?.data[41 + 3]), 0.85);
    assert.equal(Number(feeds["target.emotion"]?.data[3]), 0);
  });

  test("are made for the heads asked for only", () => {
    const { feeds } = buildTargets([labelled], { ...options, heads: ["pad"] }, 1);
    assert.deepEqual(Object.keys(feeds).sort(), ["target.pad", "weight.pad"]);
  });
});
