import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headSizes } from "../../base/head.js";
import { Random } from "../../base/random.js";
import type { HeadLogits } from "../../calibration/calibration.js";
import type { Example } from "../../data/example.js";
import type { EncoderConfig } from "../../model/encoder-config.js";
import { listEncoderParameters } from "../../model/encoder-parameters.js";
import { listHeadParameters } from "../../model/heads.js";
import { encodeInference } from "../../model/inference.js";
import { initializeParameters } from "../../model/parameter.js";
import { Session } from "../../runtime/session.js";
import { computeLogits, measureFigures } from "./validation.js";

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

describe("logits of many rows", () => {
  const config: EncoderConfig = {
    type: "bert",
    vocabularySize: 30,
    hidden: 16,
    layers: 1,
    heads: 2,
    intermediate: 32,
    maxPositions: 40,
    positionOffset: 0,
    typeVocabularySize: 0,
    layerNormEpsilon: 1e-12,
    hiddenActivation: "gelu",
    padTokenId: 0,
  };
  const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)];
  const model = encodeInference(config, specs, initializeParameters(specs, Random.seeded(1)), "fp32").bytes;
  const rows = Array.from({ length: 70 }, (_, i) =>
    Int32Array.from({ length: 3 + ((i * 13) % 30) }, (_, j) => 1 + ((i + j) % 29)),
  );

  test("come back in the order of the rows, though these run sorted by length", async () => {
    const session = await Session.open(model, { threads: 1 });
    try {
      const all = await computeLogits(session, {}, rows, 0);
      for (const i of [0, 1, 37, 69]) {
        const [alone] = await computeLogits(session, {}, [rows[i] as Int32Array], 0);
        alone?.emotion.forEach((value, at) => {
          assert.ok(Math.abs(value - (all[i]?.emotion[at] ?? Number.NaN)) < 1e-5, `row ${i}`);
        });
        assert.equal(alone?.support.length, 6);
      }
    } finally {
      await session.close();
    }
  });

  test("are given up between batches when told to", async () => {
    const session = await Session.open(model, { threads: 1 });
    try {
      let asked = 0;
      assert.equal(await computeLogits(session, {}, rows, 0, () => ++asked < 2), undefined);
      assert.equal(asked, 2);
    } finally {
      await session.close();
    }
  });
});
