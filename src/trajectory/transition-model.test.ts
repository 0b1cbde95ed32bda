import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { emotionIds } from "../emotion/taxonomy.js";
import {
  type EmotionSequence,
  fitTransitionModel,
  listTransitions,
  parseTransitionModel,
  TransitionPredictor,
} from "./transition-model.js";

const minute = 60_000;

/** Learners over four emotions who stay, go on in a ring, or, after a long gap, are anywhere. */
function simulate(
  learners: number,
  seed: number,
  forgetsAfterMs = Number.POSITIVE_INFINITY,
): EmotionSequence[] {
  const random = Random.seeded(seed, "ring");
  return Array.from({ length: learners }, () => {
    let emotion = random.below(4);
    let at = 0;
    return Array.from({ length: 30 }, () => {
      const gap = random.below(4) === 0 ? 60 * minute : minute;
      at += gap;
      const draw = random.float();
      if (gap > forgetsAfterMs) emotion = random.below(4);
      else if (draw > 0.6) emotion = draw > 0.9 ? random.below(4) : (emotion + 1) % 4;
      return { emotion, at };
    });
  });
}

const lossOf = (predict: (from: number, to: number, gap: number) => number, sequences: EmotionSequence[]) => {
  const all = sequences.flatMap(listTransitions);
  return all.reduce((sum, [from, to, gap]) => sum - Math.log(predict(from, to, gap)), 0) / all.length;
};

describe("a learned transition model", () => {
  const model = fitTransitionModel(simulate(60, 1), "made up");
  const predictor = new TransitionPredictor(model);

  test("finds the rule, and predicts learners it never saw better than staying or base rates", () => {
    assert.ok(Math.abs(predictor.probability(0, 1) - 0.325) < 0.05);
    assert.ok(Math.abs(predictor.probability(2, 2) - 0.625) < 0.05);
    const unseen = simulate(40, 2);
    const base = predictor.base;
    const stay = 0.625;
    const loss = lossOf((from, to, gap) => predictor.probability(from, to, gap), unseen);
    assert.ok(loss < lossOf((_, to) => base[to] as number, unseen) - 0.2);
    assert.ok(loss < lossOf((from, to) => (from === to ? stay : (1 - stay) / 3), unseen) - 0.05);
  });

  test("what was never left falls back on staying and on base rates", () => {
    const unseen = emotionIds.length - 1;
    assert.ok(predictor.probability(unseen, unseen) > 0.3);
    assert.ok(predictor.probability(unseen, 0) > 10 * predictor.probability(unseen, 20));
  });

  test("time counts where it does, and only there", () => {
    assert.equal(model.timeScaleMs, null);
    const forgetful = fitTransitionModel(simulate(60, 3, 30 * minute), "made up");
    assert.ok(forgetful.timeScaleMs !== null);
    const aware = new TransitionPredictor(forgetful);
    assert.ok(aware.probability(0, 0, minute) > aware.probability(0, 0, 60 * minute) + 0.15);
  });

  test("stored and read again it predicts the same, and what is no model is refused", () => {
    const again = new TransitionPredictor(
      parseTransitionModel(JSON.parse(JSON.stringify(model)), "model.json"),
    );
    assert.equal(again.probability(1, 3, 500), predictor.probability(1, 3, 500));
    for (const broken of [
      {},
      { ...model, persistence: 1 },
      { ...model, counts: [[0, 41, 1]] },
      { ...model, emotions: ["joy"] },
    ]) {
      assert.throws(() => parseTransitionModel(broken, "model.json"), {
        code: "DATA_INVALID",
        message: /^model\.json: /,
      });
    }
  });

  test("every prediction is a distribution, also of a doubtful present", () => {
    const share = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(
        fc.array(share, { minLength: 41, maxLength: 41 }).filter((all) => all.some((one) => one > 0)),
        fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
        (shares, gap) => {
          const next = predictor.predict(
            shares.map((one) => one / 100),
            gap,
          );
          assert.ok(Math.abs(next.reduce((sum, one) => sum + one, 0) - 1) < 1e-9);
          assert.ok(next.every((one) => one > 0));
        },
      ),
    );
    const certain = emotionIds.map((_, i) => (i === 2 ? 1 : 0));
    assert.equal(predictor.predict(certain)[3], predictor.probability(2, 3));
  });

  test("bad sequences and readings are refused", () => {
    const good = simulate(9, 4);
    assert.throws(() => fitTransitionModel(good.slice(0, 4), ""), {
      code: "DATA_INVALID",
      message: /at least 5/,
    });
    for (const step of [
      { emotion: 41, at: 0 },
      { emotion: 0.5, at: 0 },
      { emotion: 0, at: Number.NaN },
    ]) {
      assert.throws(() => fitTransitionModel([...good, [step]], ""), {
        code: "DATA_INVALID",
        message: /\[9\]\[0\]/,
      });
    }
    const backwards = [
      { emotion: 0, at: 5 },
      { emotion: 0, at: 4 },
    ];
    assert.throws(() => fitTransitionModel([...good, backwards], ""), {
      code: "DATA_INVALID",
      message: /\[9\]\[1\]/,
    });
    for (const now of [[1], emotionIds.map(() => 0), emotionIds.map(() => Number.NaN)]) {
      assert.throws(() => predictor.predict(now), { code: "INPUT_TYPE" });
    }
  });
});
