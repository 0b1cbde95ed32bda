import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TrainingEvent } from "./event-log.js";
import { formatNumber, type Point, smooth } from "./run-charts.js";
import { renderRunPage } from "./run-page.js";

const start: TrainingEvent = {
  type: "start",
  at: 0,
  step: 0,
  totalSteps: 400,
  stepsPerEpoch: 100,
  experiment: { name: "try", description: "<script>alert(1)</script>", learningRate: { encoder: 1e-4 } },
  facts: { parameters: 22_713_216 },
};
const stepAt = (step: number): TrainingEvent => ({
  type: "step",
  at: step * 100,
  step,
  epoch: step / 100,
  loss: 4 / step,
  losses: { emotion: 3 / step, readiness: 1 / step },
  learningRate: { encoder: 1e-4, heads: 1e-3 },
  gradientNorm: 1,
  examplesPerSecond: 90,
  tokensPerSecond: 2000,
});
const running: TrainingEvent[] = [
  start,
  ...Array.from({ length: 20 }, (_, i) => stepAt((i + 1) * 10)),
  {
    type: "evaluation",
    at: 20_100,
    step: 200,
    figures: { "emotion.macroF1": 0.5123, "pad.pleasure.r": 0.9 },
    best: true,
  },
];
const refresh = 'http-equiv="refresh"';

describe("run page", () => {
  test("shows every loss, figure and setting, and needs nothing but itself", () => {
    const page = renderRunPage(running);
    for (const text of [
      "emotion",
      "readiness",
      "macroF1",
      "0.5123",
      "pleasure.r",
      "learningRate.encoder",
      "22713216",
      "200 of 400",
    ]) {
      assert.ok(page.includes(text), `${text} is missing`);
    }
    assert.equal(page.match(/<svg/g)?.length, 3 + 2 + 5);
    assert.equal(page.match(/<svg/g)?.length, page.match(/<\/svg>/g)?.length);
    assert.doesNotMatch(page, /<script|<link|<img|src=|@import|href=/);
    assert.doesNotMatch(page, /NaN|undefined|Infinity/);
    assert.ok(page.includes("&#60;script&#62;"));
  });

  test("asks for itself anew while the run goes on, and only then", () => {
    const end = (reason: "finished" | "interrupted"): TrainingEvent => ({
      type: "end",
      at: 21_000,
      step: 200,
      reason,
      seconds: 21,
    });
    assert.ok(renderRunPage([]).includes(refresh));
    assert.ok(renderRunPage(running).includes(refresh));
    assert.ok(!renderRunPage([...running, end("finished")]).includes(refresh));
    const resumed = [...running, end("interrupted"), { ...start, step: 200, at: 900_000 }];
    assert.ok(renderRunPage(resumed).includes(refresh));
    assert.ok(renderRunPage(resumed).includes("went on from step 200"));
  });

  test("a failure is told in its own words", () => {
    const page = renderRunPage([
      ...running,
      { type: "error", at: 1, step: 200, code: "DISK_FULL", message: "a < b" },
    ]);
    assert.ok(!page.includes(refresh));
    assert.ok(page.includes("DISK_FULL: a &#60; b"));
  });

  test("time left is from the pace, time trained leaves pauses out", () => {
    const page = renderRunPage([
      ...running,
      { type: "end", at: 20_100, step: 200, reason: "interrupted", seconds: 20 },
      { ...start, step: 200, at: 9e6 },
    ]);
    assert.match(page, /trained for<\/dt><dd>20 s/);
    assert.match(renderRunPage(running), /left, about<\/dt><dd>20 s/);
  });

  test("smoothing is a centred mean that steps over what is not finite", () => {
    const points: Point[] = [
      [0, 1],
      [1, 2],
      [2, Number.NaN],
      [3, 6],
    ];
    assert.deepEqual(
      smooth(points, 0).map(([, value]) => value),
      [1, 2, Number.NaN, 6],
    );
    assert.deepEqual(
      smooth(points, 1).map(([, value]) => value),
      [1.5, 1.5, 4, 6],
    );
    assert.deepEqual(smooth([], 3), []);
  });

  test("numbers are short", () => {
    assert.deepEqual([0, 1, 0.51234, 12345.6, 0.0001, 5.33e-5].map(formatNumber), [
      "0",
      "1",
      "0.5123",
      "12,350",
      "1e-4",
      "5.3e-5",
    ]);
  });
});
