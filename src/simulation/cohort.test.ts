/** A cohort: the same each time, each learner for themselves, always within bounds. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { behaviorSignals } from "../behavior/signals.js";
import type { SupportLevel } from "../emotion/support.js";
import { isEmotionId } from "../emotion/taxonomy.js";
import { createCohort } from "./cohort.js";
import type { SimulatedLearner } from "./learner-contract.js";
import { scaleAssumptions } from "./parameter.js";
import { defaultParameters } from "./parameters.js";
import { platformSignals } from "./platform.js";
import type { Step } from "./step.js";
import { UtterancePool } from "./utterances.js";

function walk(learner: SimulatedLearner, levels: readonly number[]): Step[] {
  const steps: Step[] = [];
  for (const level of levels) if (!learner.done) steps.push(learner.next(level as SupportLevel));
  return steps;
}

const learnerOf = (seed: number, index: number, learners = index + 1): SimulatedLearner =>
  createCohort({ learners, seed })[index] as SimulatedLearner;

const levels = [0, 2, 0, 0, 3, 0, 1, 4, 0, 5, 0, 0];

describe("cohort", () => {
  test("a seed gives the same lives again, another seed others", () => {
    assert.deepEqual(walk(learnerOf(3, 4), levels), walk(learnerOf(3, 4), levels));
    assert.notDeepEqual(walk(learnerOf(3, 4), levels), walk(learnerOf(4, 4), levels));
    assert.notDeepEqual(walk(learnerOf(3, 3), levels), walk(learnerOf(3, 4), levels));
  });

  test("a learner's life does not hang on how many others there are, nor on what these do", () => {
    const alone = walk(learnerOf(11, 2), levels);
    const many = createCohort({ learners: 40, seed: 11 });
    const mine: Step[] = [];
    for (const level of levels) {
      for (const other of many) if (other.index !== 2 && !other.done) other.next(3);
      const me = many[2] as SimulatedLearner;
      if (!me.done) mine.push(me.next(level as SupportLevel));
    }
    assert.deepEqual(mine, alone);
  });

  test("to peek or to copy disturbs nobody; a copy meets the same future, a numbered one another but always the same", () => {
    const learner = learnerOf(5, 0);
    walk(learner, [0, 0, 1]);
    const peeked = learner.peek(2);
    walk(learner.clone(), levels);
    walk(learner.clone(8), levels);
    const copy = learner.clone();
    assert.deepEqual(walk(learner.clone(8), levels), walk(learner.clone(8), levels));
    assert.notDeepEqual(walk(learner.clone(8), levels), walk(learner.clone(9), levels));
    assert.deepEqual(copy.next(2), peeked);
    assert.deepEqual(learner.next(2), peeked);
    assert.deepEqual(walk(copy, levels), walk(learner, levels));
  });

  test("advance is next without looking", () => {
    const [a, b] = [learnerOf(5, 1), learnerOf(5, 1)];
    const step = a.next(3);
    const { seconds, supportSeconds } = b.advance(3);
    assert.deepEqual([seconds, supportSeconds], [step.observed.secondsSpent, step.observed.supportSeconds]);
    assert.deepEqual(b.next(0), a.next(0));
  });

  test("one who gave up takes no further step, and was seen to give up once", () => {
    let found = 0;
    for (const learner of createCohort({ learners: 60, seed: 2 })) {
      const steps = walk(learner, new Array(60).fill(0));
      assert.deepEqual(
        steps.map(({ observed }) => observed.dropped === true).filter(Boolean).length,
        learner.done ? 1 : 0,
      );
      if (!learner.done) continue;
      found++;
      assert.equal(steps.at(-1)?.observed.dropped, true);
      assert.throws(
        () => learner.next(0),
        (error) => error instanceof AppError && error.code === "USAGE",
      );
    }
    assert.ok(found > 3);
  });

  test("success comes as often as its probability says, with and without help", () => {
    for (const level of [0, 3] as const) {
      let [expected, got, variance] = [0, 0, 0];
      for (const learner of createCohort({ learners: 400, seed: 6 })) {
        for (const { latent, observed } of walk(learner, new Array(20).fill(level))) {
          expected += latent.successProbability;
          variance += latent.successProbability * (1 - latent.successProbability);
          if (observed.correct) got++;
        }
      }
      assert.ok(Math.abs(got - expected) < 4 * Math.sqrt(variance), `${got} right, ${expected} expected`);
    }
  });

  test("the success expected before a step without help is that of the step", () => {
    const learner = learnerOf(9, 0);
    walk(learner, [0, 3, 0, 2]);
    const before = learner.latent;
    assert.equal(learner.peek(0).latent.successProbability, before.nextSuccessProbability);
  });

  test("platforms report what they know, less what is lost", () => {
    let [kept, lost] = [0, 0];
    for (const learner of createCohort({ learners: 50, seed: 4, platform: "quiz" })) {
      for (const { observed } of walk(learner, levels)) {
        for (const name of Object.keys(observed.behavior))
          assert.ok(platformSignals.quiz.includes(name as never), name);
        if (observed.behavior.attempts === undefined) lost++;
        else kept++;
      }
    }
    const share = lost / (lost + kept);
    assert.ok(share > 0.02 && share < 0.09, `${share} lost`);
  });

  test("messages carry an index of the emotion felt, or none where the pool has none", () => {
    const utterances = new UtterancePool([
      { index: 70, emotion: "confusion" },
      { index: 71, emotion: "boredom" },
    ]);
    let written = 0;
    for (const learner of createCohort({ learners: 80, seed: 4, utterances })) {
      for (const { observed, latent } of walk(learner, levels)) {
        const expected = latent.emotion === "confusion" ? 70 : latent.emotion === "boredom" ? 71 : undefined;
        assert.equal(observed.utterance, observed.wrote ? expected : undefined);
        if (observed.utterance !== undefined) written++;
      }
    }
    assert.ok(written > 5);
  });

  test("wrong options are refused", () => {
    const isConfig = (error: unknown) => error instanceof AppError && error.code === "CONFIG_INVALID";
    for (const learners of [0, 1.5, Number.NaN])
      assert.throws(() => createCohort({ learners, seed: 1 }), isConfig);
    assert.throws(() => createCohort({ learners: 1, seed: 0.5 }), isConfig);
    assert.throws(
      () => createCohort({ learners: 1, seed: 1, groups: { low: 0, middle: 0, high: 0 } }),
      isConfig,
    );
    assert.throws(
      () => createCohort({ learners: 1, seed: 1, groups: { low: -1, middle: 1, high: 1 } }),
      isConfig,
    );
  });

  test("whatever the assumptions are scaled by, every share stays one and every time runs forward", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.integer(),
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 12, maxLength: 12 }),
        (factor, seed, chosen) => {
          const parameters = scaleAssumptions(defaultParameters, factor);
          for (const learner of createCohort({ learners: 3, seed, parameters, platform: "tutor" })) {
            let last = learner.latent.knowledge;
            let time = 0;
            for (const { observed, latent } of walk(learner, chosen)) {
              checkShares(latent, String(factor));
              assert.ok(latent.knowledge >= last);
              last = latent.knowledge;
              assert.ok(observed.at > time && observed.secondsSpent > observed.supportSeconds - 1e-9);
              time = observed.at;
              assert.ok(isEmotionId(latent.emotion));
              checkSignals(observed.behavior);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

function checkShares(latent: Step["latent"], where: string): void {
  const { knowledge, successProbability, nextSuccessProbability, engagement, cognitiveLoad, fatigue } =
    latent;
  const shares = {
    knowledge,
    successProbability,
    nextSuccessProbability,
    engagement,
    cognitiveLoad,
    fatigue,
  };
  for (const [name, value] of Object.entries({
    ...shares,
    annoyance: latent.annoyance,
    readiness: latent.readiness,
  })) {
    assert.ok(value >= 0 && value <= 1, `${name} ${value} at factor ${where}`);
  }
  assert.ok(Number.isFinite(latent.affectSeconds) && latent.affectSeconds >= 0);
}

function checkSignals(behavior: Step["observed"]["behavior"]): void {
  for (const [name, kind] of Object.entries(behaviorSignals)) {
    const value = behavior[name as keyof typeof behaviorSignals];
    if (value === undefined) continue;
    if (kind === "flag") assert.equal(typeof value, "boolean", name);
    else
      assert.ok(Number.isFinite(value) && (kind === "share" || Number.isInteger(value)), `${name} ${value}`);
    if (kind !== "signed-count" && kind !== "flag") assert.ok(Number(value) >= 0, `${name} ${value}`);
    if (kind === "share") assert.ok(Number(value) <= 1);
  }
}
