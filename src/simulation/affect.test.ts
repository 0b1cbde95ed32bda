/** The affect process against what is published of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import type { AffectInfluence } from "./affect.js";
import { advanceAffect, isStuck, nextState } from "./affect.js";
import { createCohort } from "./cohort.js";
import { Draws } from "./draws.js";
import { buildModel } from "./model.js";
import { runCohort } from "./outcome.js";
import { defaultParameters } from "./parameters.js";
import type { AffectState } from "./step.js";
import { affectStates } from "./step.js";

const model = buildModel(defaultParameters);
const influence: AffectInfluence = { correct: true, successProbability: 0.6, annoyance: 0, temper: 1 };

/** Shares of states, and of staying in them from one step to the next, in learners left alone. */
function observe(): { share: Record<AffectState, number>; stay: Record<AffectState, number> } {
  const zero = () =>
    Object.fromEntries(affectStates.map((state) => [state, 0])) as Record<AffectState, number>;
  const [count, from, stayed] = [zero(), zero(), zero()];
  const last = new Map<number, AffectState>();
  let steps = 0;
  const cohort = createCohort({ learners: 400, seed: 21 });
  runCohort(
    cohort,
    40,
    () => 0,
    ({ index }, { latent }) => {
      steps++;
      count[latent.affect]++;
      const before = last.get(index);
      if (before !== undefined) {
        from[before]++;
        if (before === latent.affect) stayed[before]++;
      }
      last.set(index, latent.affect);
    },
  );
  const ratio = (over: (state: AffectState) => number) =>
    Object.fromEntries(affectStates.map((state) => [state, over(state)])) as Record<AffectState, number>;
  return { share: ratio((s) => count[s] / steps), stay: ratio((s) => stayed[s] / from[s]) };
}

describe("affect", () => {
  test("with no event half have left a state at its half-life", () => {
    const random = Random.seeded(1, "affect");
    const draws = new Draws();
    for (const state of affectStates) {
      // A right answer speeds or slows leaving by its factor, so the half-life is that much shorter or longer.
      const seconds = model.affect.halfLife[state] / model.affect.leaving.success[state];
      let left = 0;
      const runs = 4000;
      for (let i = 0; i < runs; i++) {
        draws.fill(random);
        const { affect } = advanceAffect(model, { state, seconds: 0 }, seconds, influence, draws);
        if (affect.state !== state || affect.seconds < seconds) left++;
      }
      assert.ok(Math.abs(left / runs - 0.5) < 0.03, `${state}: ${left / runs} left`);
    }
  });

  test("half-lives fall as published: boredom, engagement, confusion last, delight passes, frustration lies between", () => {
    const { halfLife } = model.affect;
    for (const persistent of ["boredom", "engagement", "confusion"] as const) {
      assert.ok(halfLife[persistent] > halfLife.frustration && halfLife.frustration > halfLife.delight);
    }
  });

  test("in learners left alone engagement and confusion are commonest, delight rare, and boredom outlasts frustration", () => {
    const { share, stay } = observe();
    assert.ok(share.engagement > share.confusion, JSON.stringify(share));
    assert.ok(share.confusion > Math.max(share.boredom, share.frustration), JSON.stringify(share));
    assert.ok(share.delight < 0.05 && share.delight > 0, JSON.stringify(share));
    assert.ok(stay.boredom > stay.frustration + 0.05, JSON.stringify(stay));
  });

  test("confusion unresolved turns into frustration the more, the longer it lasts; solved work restores engagement", () => {
    const count = (seconds: number, correct: boolean, to: AffectState): number => {
      const random = Random.seeded(2, "destinations");
      let reached = 0;
      for (let i = 0; i < 3000; i++) {
        const from = { state: "confusion" as const, seconds };
        if (nextState(model, from, { ...influence, correct }, random.float()) === to) reached++;
      }
      return reached / 3000;
    };
    assert.ok(count(300, false, "frustration") > count(0, false, "frustration") + 0.1);
    assert.ok(count(0, true, "engagement") > count(0, false, "engagement") + 0.1);
  });

  test("work too easy bores, work too hard frustrates", () => {
    const count = (successProbability: number, correct: boolean, to: AffectState): number => {
      const random = Random.seeded(3, "challenge");
      let reached = 0;
      for (let i = 0; i < 3000; i++) {
        const from = { state: "engagement" as const, seconds: 10 };
        if (nextState(model, from, { ...influence, correct, successProbability }, random.float()) === to)
          reached++;
      }
      return reached / 3000;
    };
    assert.ok(count(0.95, true, "boredom") > count(0.6, true, "boredom") + 0.1);
    assert.ok(count(0.2, false, "frustration") > count(0.6, false, "frustration") + 0.05);
  });

  test("stuck is confusion or frustration beyond its normal dwell, and nothing else", () => {
    const dwell = model.affect.stuckHalfLives * model.affect.halfLife.confusion;
    assert.equal(isStuck(model, { state: "confusion", seconds: dwell }), false);
    assert.equal(isStuck(model, { state: "confusion", seconds: dwell + 1 }), true);
    assert.equal(isStuck(model, { state: "boredom", seconds: 10_000 }), false);
  });
});
