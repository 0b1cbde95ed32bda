import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headSizes } from "../../base/head.js";
import type { HeadLogits } from "../../calibration/calibration.js";
import type { Example } from "../../data/example.js";
import { measureFigures } from "./validation.js";

const row = (labels: Partial<Example>): Example => ({ id: "", text: "", split: "validation", ...labels });
const logit = (p: number): number => Math.log(p / (1 - p));

/** Logits by head; what is not given is 0. */
function answer(given: Partial<Record<keyof HeadLogits, Readonly<Record<number, number>>>>): HeadLogits {
  const of = (head: keyof HeadLogits): Float32Array =>
    Float32Array.from({ length: headSizes[head] }, (_, i) => given[head]?.[i] ?? 0);
  return {
    emotion: of("emotion"),
    goemotions: of("goemotions"),
    pad: of("pad"),
    emobank: of("emobank"),
    readiness: of("readiness"),
    support: of("support"),
  };
}

describe("figures of validation", () => {
  test("are counted on the rows that have the label, and only on those", () => {
    const examples = [
      row({ emotion: { primary: 0, also: [] }, readiness: 0.2 }),
      row({ emotion: { primary: 1, also: [] }, readiness: 0.9 }),
      row({ readiness: 0.5 }),
    ];
    const logits = [
      answer({ emotion: { 0: 3 }, readiness: { 0: logit(0.3) } }),
      answer({ emotion: { 0: 3 }, readiness: { 0: logit(0.8) } }),
      answer({ emotion: { 7: 9 }, readiness: { 0: logit(0.55) } }),
    ];
    const figures = measureFigures(examples, logits);
    assert.equal(figures["emotion.accuracy"], 0.5);
    // Class 0 has an F1 of 2/3, class 1 of 0; the class of the unlabelled row does not count.
    assert.ok(Math.abs((figures["emotion.macroF1"] ?? 0) - 1 / 3) < 1e-12, `${figures["emotion.macroF1"]}`);
    assert.ok((figures["readiness.r"] ?? 0) > 0.99);
    assert.equal(figures.combined, figures["emotion.macroF1"]);
    assert.deepEqual(Object.keys(figures).sort(), [
      "combined",
      "emotion.accuracy",
      "emotion.macroF1",
      "readiness.r",
    ]);
  });

  test("every head has its own, and right answers have full marks", () => {
    const examples = [0, 1, 2, 3].map((i) =>
      row({
        goemotions: [i],
        pad: [0.2 * i, 0.1, 0.9 - 0.2 * i],
        emobank: [0.5, 0.2 * i, 0.5],
        support: i,
      }),
    );
    const logits = examples.map(({ pad, emobank, support }, i) =>
      answer({
        goemotions: Object.fromEntries(
          Array.from({ length: 28 }, (_, label) => [label, label === i ? 4 : -4]),
        ),
        pad: { 0: logit((pad?.[0] ?? 0) + 0.01), 1: 0, 2: logit(pad?.[2] ?? 0) },
        emobank: { 1: logit((emobank?.[1] ?? 0) + 0.01) },
        support: { [support ?? 0]: 5 },
      }),
    );
    const figures = measureFigures(examples, logits);
    assert.equal(figures["support.withinOne"], 1);
    assert.equal(figures["support.kappa"], 1);
    for (const name of ["pad.pleasure.r", "pad.dominance.r", "emobank.arousal.r"]) {
      assert.ok((figures[name] ?? 0) > 0.999, `${name} ${figures[name]}`);
    }
    assert.equal(figures["pad.arousal.r"], 0); // constants correlate with nothing, and that is no NaN
    assert.ok(Object.values(figures).every(Number.isFinite), JSON.stringify(figures));
  });
});
