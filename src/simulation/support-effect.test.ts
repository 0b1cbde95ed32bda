/** Interventions: whom they help, whom they harm, and what they cost, by the true model. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import type { SupportLevel } from "../emotion/support.js";
import { createCohort } from "./cohort.js";
import { Draws } from "./draws.js";
import { buildModel } from "./model.js";
import { runCohort } from "./outcome.js";
import { defaultParameters } from "./parameters.js";
import type { ExpectedOutcome } from "./rollout.js";
import { expectOutcomes } from "./rollout.js";
import type { AffectState, KnowledgeGroup, Latent } from "./step.js";
import { assistanceEffect, effectLogOdds, giveSupport } from "./support-effect.js";

const model = buildModel(defaultParameters);

/** Expected outcomes of learners of a group at the first step that `when` holds, over ten seeds of so many learners. */
function findOutcomes(
  group: KnowledgeGroup,
  learners: number,
  when: (latent: Latent) => boolean,
): (readonly ExpectedOutcome[])[] {
  const found: (readonly ExpectedOutcome[])[] = [];
  for (let seed = 100; seed < 110; seed++) {
    const groups = { low: 0, middle: 0, high: 0, [group]: 1 };
    for (const learner of createCohort({ learners, seed, groups })) {
      for (let step = 0; step < 25 && !learner.done; step++) {
        if (!when(learner.next(0).latent) || learner.done) continue;
        found.push(expectOutcomes(learner, { rollouts: 4, horizon: 8, seed: step }));
        break;
      }
    }
  }
  return found;
}

/** Mean difference of a level against none, with its 95 % interval over learners. */
function compare(
  found: readonly (readonly ExpectedOutcome[])[],
  level: SupportLevel,
  measure: (outcome: ExpectedOutcome) => number,
): { mean: number; low: number; high: number } {
  const differences = found.map(
    (levels) => measure(levels[level] as ExpectedOutcome) - measure(levels[0] as ExpectedOutcome),
  );
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (differences.length - 1);
  const half = 1.96 * Math.sqrt(variance / differences.length);
  return { mean, low: mean - half, high: mean + half };
}

describe("support", () => {
  test("the effect of assistance is the published one at either end, and falls between", () => {
    assert.equal(assistanceEffect(model, 0), 0.505);
    assert.equal(assistanceEffect(model, model.knowledge.start.low), 0.505);
    assert.ok(Math.abs(assistanceEffect(model, model.knowledge.start.high) + 0.428) < 1e-12);
    const middle = assistanceEffect(model, model.knowledge.start.middle);
    assert.ok(middle < 0.505 && middle > -0.428);
    // d = .505 is odds of 2.5.
    assert.ok(Math.abs(Math.exp(effectLogOdds(0.505)) - 2.4991) < 0.001);
  });

  test("stepping in helps low-knowledge learners who are stuck: they learn more and are stuck for less", () => {
    const found = findOutcomes("low", 100, ({ stuck }) => stuck);
    assert.ok(found.length > 100, `${found.length} found`);
    const gain = compare(found, 3, ({ knowledgeGain }) => knowledgeGain);
    assert.ok(gain.low > 0, JSON.stringify(gain));
    const stuck = compare(found, 3, ({ stuckSeconds }) => stuckSeconds);
    assert.ok(stuck.high < 0, JSON.stringify(stuck));
  });

  test("it harms high-knowledge learners in flow: they learn less, take longer, are bored for more", () => {
    const found = findOutcomes(
      "high",
      40,
      ({ affect, affectSeconds }) => affect === "engagement" && affectSeconds > 60,
    );
    assert.ok(found.length > 200, `${found.length} found`);
    const gain = compare(found, 3, ({ knowledgeGain }) => knowledgeGain);
    assert.ok(gain.high < 0, JSON.stringify(gain));
    const bored = compare(found, 3, ({ boredSeconds }) => boredSeconds);
    assert.ok(bored.low > 0, JSON.stringify(bored));
    const time = compare(found, 3, ({ seconds }) => seconds);
    assert.ok(time.low > 30, JSON.stringify(time));
  });

  test("a level breaks the flow of those who know, never of those who do not; it ends trouble the other way round", () => {
    const random = Random.seeded(5, "support");
    const draws = new Draws();
    const count = (state: AffectState, known: number): number => {
      let changed = 0;
      for (let i = 0; i < 3000; i++) {
        draws.fill(random);
        const start = {
          affect: { state, seconds: 9 },
          tiringMinutes: 0,
          annoyance: 0,
          assistance: 0,
          praise: 0,
        };
        if (giveSupport(model, 3, start, known, draws).affect.state !== state) changed++;
      }
      return changed / 3000;
    };
    assert.equal(count("engagement", 0), 0);
    assert.ok(Math.abs(count("engagement", 1) - (model.support.breaksFlow[3] as number)) < 0.03);
    assert.equal(count("frustration", 1), 0);
    assert.ok(Math.abs(count("frustration", 0) - (model.support.relief[3] as number)) < 0.03);
  });

  test("confusion that learners resolve themselves teaches them; cut short by help it does not", () => {
    const gain = (resolved: number, level: SupportLevel): number => {
      const one = defaultParameters["knowledge.resolvedConfusion"];
      assert.ok(one !== undefined);
      const parameters = { ...defaultParameters, "knowledge.resolvedConfusion": { ...one, value: resolved } };
      return runCohort(createCohort({ learners: 60, seed: 12, parameters }), 20, () => level).all.gain;
    };
    assert.ok(gain(0.3, 0) > gain(0, 0) + 0.005);
    assert.equal(gain(0.3, 2), gain(0, 2));
  });

  test("praise comes to next to nothing", () => {
    const found = findOutcomes("middle", 30, ({ affect }) => affect === "engagement");
    const gain = compare(found, 1, ({ knowledgeGain }) => knowledgeGain);
    // Less than what a learner gains in one step of work.
    assert.ok(Math.abs(gain.mean) < 0.004, JSON.stringify(gain));
  });

  test("interrupting at every step annoys and makes learners give up", () => {
    const run = (level: SupportLevel) => {
      let annoyance = 0;
      const result = runCohort(
        createCohort({ learners: 300, seed: 8 }),
        40,
        () => level,
        (_, { latent }) => {
          annoyance = Math.max(annoyance, latent.annoyance);
        },
      );
      return { annoyance, dropouts: result.all.dropouts };
    };
    const [never, always] = [run(0), run(2)];
    assert.equal(never.annoyance, 0);
    assert.ok(
      always.annoyance > 0.2 && always.dropouts > never.dropouts + 0.05,
      JSON.stringify([never, always]),
    );
  });

  test("the levels of a decision meet the same chance: nothing done again is exactly nothing done", () => {
    const learner = createCohort({ learners: 1, seed: 3 })[0];
    assert.ok(learner !== undefined);
    learner.next(0);
    const before = learner.peek(0);
    const [a, b] = [expectOutcomes(learner, { seed: 4 }), expectOutcomes(learner, { seed: 4 })];
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, expectOutcomes(learner, { seed: 5 }));
    assert.deepEqual(learner.next(0), before);
  });
});
