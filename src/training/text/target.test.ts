import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import type { Example } from "../../data/example.js";
import type { TeacherLogits } from "../distillation/soft-label-format.js";
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

describe("a teacher's targets", () => {
  const answer = Object.fromEntries(
    headNames.map((head) => [head, Float32Array.from({ length: headSizes[head] }, (_, i) => i)]),
  ) as unknown as TeacherLogits;
  const find = (example: Example) => (example.text === "asked" ? answer : undefined);
  const distillation = { find, temperature: 2, weight: 0.25, share: 0.5 };
  const rows: Example[] = [{ ...labelled, text: "asked" }, labelled, { ...bare, text: "asked" }];
  const { feeds } = buildTargets(rows, { ...options, distillation }, 4);
  const data = (name: string): number[] => Array.from(feeds[name]?.data as Float32Array);

  test("share the row's weight with the label where there are both, and stand alone where there is no label", () => {
    for (const head of headNames) {
      assert.deepEqual(data(`weight.${head}`), [0.75 / 4, 1 / 4, 0]);
      assert.deepEqual(data(`soft.weight.${head}`), [0.25 / (4 * 0.5), 0, 0.25 / (4 * 0.5)]);
    }
  });

  test("are the teacher's probabilities at the temperature; nothing where it was not asked", () => {
    const size = headSizes.support;
    const soft = data("soft.support");
    assertClose(sum(soft.slice(0, size)), 1);
    assertClose((soft[1] as number) / (soft[0] as number), Math.exp(0.5));
    assert.deepEqual(soft.slice(size, 2 * size), new Array(size).fill(0));
    assertClose(data("soft.goemotions")[2], 1 / (1 + Math.exp(-1)));
    assertClose(data("soft.pad")[2], 1 / (1 + Math.exp(-2)));
  });

  test("are not there without a teacher", () => {
    const plain = buildTargets(rows, options, 4).feeds;
    assert.ok(Object.keys(plain).every((name) => !name.startsWith("soft.")));
    assert.deepEqual(Array.from(plain["weight.pad"]?.data as Float32Array), [0.25, 0.25, 0]);
  });

  test("say how alike it finds two texts where it has vectors: dot products, 1 with itself, no weight where it was not asked", () => {
    const vectors = new Map([
      ["one", Float32Array.of(0.6, 0.5)],
      ["two", Float32Array.of(0.1, -0.8)],
    ]);
    const findVector = ({ text }: Example) => vectors.get(text);
    const texts = ["one", "never", "two"].map((text): Example => ({ ...labelled, text }));
    const built = buildTargets(texts, { ...options, distillation: { ...distillation, findVector } }, 8).feeds;
    assert.deepEqual(built.similarity?.dims, [3, 3]);
    const alike = Array.from(built.similarity?.data as Float32Array);
    [1, 0, -0.34, 0, 0, 0, -0.34, 0, 1].forEach((value, i) => {
      assertClose(alike[i], value);
    });
    const weights = Array.from(built["similarity.weight"]?.data as Float32Array);
    [1 / 4, 0, 1 / 4].forEach((weight, i) => {
      assertClose(weights[i], weight);
    });
    assert.equal(feeds.similarity, undefined);
  });
});
