import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { createColors } from "picocolors";
import { makeReading } from "../../test/fake-readiness.js";
import { AppError } from "../base/errors.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { ReadinessAssessment } from "../readiness/assessment.js";
import type { ReadinessQuestion } from "../readiness/model.js";
import { Voices } from "../simulation/voices.js";
import { checkGates } from "./gates.js";
import { type EvaluatedReadiness, evaluateReadiness, type ReadinessResult } from "./readiness.js";
import { renderReadinessTerminal } from "./readiness-terminal.js";

/** Says what the last message says, and nothing where there is none. */
function echo({ moments }: ReadinessQuestion): ReadinessAssessment {
  const score = moments.findLast(({ reading }) => reading !== undefined)?.reading?.readiness ?? 0.5;
  return {
    score,
    state: "moderate_readiness",
    expectedSuccess: score,
    engagement: 1 - score,
    cognitiveLoad: 0.5,
    attention: [],
    stateVector: new Float32Array(2),
  };
}

const model: EvaluatedReadiness = {
  identity: { name: "echo", version: "1", textModel: { name: "text", version: "1" } },
  assess: async (moments, now) => echo({ moments, now }),
  assessAll: async (questions) => questions.map(echo),
};

describe("evaluateReadiness", () => {
  let voices: Voices;
  let result: ReadinessResult;
  before(async () => {
    const texts = emotionIds.map((emotion) => ({ text: emotion, emotion }));
    voices = await Voices.read(texts, async (some) =>
      some.map((_, i) => ({ reading: makeReading(i, ((i * 7) % 41) / 41) })),
    );
    result = await evaluateReadiness({
      model,
      trainedOn: [11, 12],
      voices,
      seed: 1,
      resamples: 50,
      learners: 60,
      steps: 20,
    });
  });

  test("a model that repeats the text is as good as the text, gains nothing on it, and says nothing without it", () => {
    const { auc, aucAfterMessage, gain, cohort, correlation } = result;
    assert.deepEqual(auc.readiness, auc.textHead);
    assert.deepEqual(auc.withoutBehavior, auc.textHead);
    assert.equal(auc.withoutText.value, 0.5);
    assert.deepEqual(aucAfterMessage.withoutHistory, aucAfterMessage.textHead);
    assert.notDeepEqual(auc.withoutHistory, auc.textHead);
    assert.equal(gain.over, "lastBehavior");
    assert.ok(gain.value < 0 && gain.low <= gain.value && gain.value <= gain.high);
    assert.ok(Math.abs(correlation.readiness - correlation.textReadiness) < 1e-6);
    assert.equal(correlation.cognitiveLoad, 0);
    assert.equal(result.learners, "simulated");
    assert.ok(cohort.rows > 500 && aucAfterMessage.rows < cohort.rows / 2);
  });

  test("what is true of the learners bounds what can be known of them", () => {
    const { trueChance, latentReadiness, windowBehavior, lastBehavior } = result.auc;
    assert.ok(trueChance.low > 0.6 && trueChance.value > latentReadiness.value);
    assert.ok(latentReadiness.value > windowBehavior.value);
    assert.ok(lastBehavior.value > 0.5 && lastBehavior.low < lastBehavior.high);
  });

  test("learners it learned from are refused", async () => {
    await assert.rejects(
      evaluateReadiness({ model, trainedOn: [1_000_005], voices, seed: 2, resamples: 10, learners: 2 }),
      (error) =>
        error instanceof AppError && error.code === "USAGE" && /got seed 1000005/.test(error.message),
    );
  });

  test("the table says that learners are simulated, and how it stands before gates", () => {
    const outcomes = checkGates(result, [
      { figure: "gain", atLeast: 0.05, goal: true },
      { figure: "cohort.learners", atLeast: 60 },
    ]);
    const text = renderReadinessTerminal(result, outcomes, 50, createColors(false));
    assert.match(text, /Every learner here is simulated/);
    assert.match(text, /– gain {2}expected at least 0\.05/);
    assert.match(text, /✔ cohort\.learners {2}60/);
    assert.match(text, /readiness less the last behaviour +-0\.\d{3} \[/);
  });
});
