import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stateOf } from "../../test/fixtures/situations.js";
import { outcomeMeasureSchema } from "../policy/observed-outcome.js";
import { createConstant, createRandom, createTextHead, type Policy } from "../policy/policies.js";
import { createCohort } from "../simulation/cohort.js";
import { runCohort } from "../simulation/outcome.js";
import { expectOutcomes } from "../simulation/rollout.js";
import { chooseOracle, choosePolicy, withoutGuards } from "./chooser.js";
import { runClosedLoop, type SessionFigures } from "./closed-loop.js";
import { comparePolicies, findDifference } from "./comparison.js";
import { createLottery, explore, sparseWeights } from "./exploration.js";

const cohort = (learners = 40, seed = 3) => createCohort({ learners, seed });

const readiness = {
  assessAll: async (questions: readonly unknown[]) =>
    questions.map(() => ({ ...stateOf(), state: "moderate_readiness" as const, attention: [] })),
};

const run = (policy: Policy, guards = withoutGuards, learners = 40): Promise<readonly SessionFigures[]> =>
  runClosedLoop(cohort(learners), {
    steps: 15,
    voices: undefined,
    chooser: choosePolicy({ policy, guards, seed: 1 }),
  });

const total = (rows: readonly SessionFigures[], name: "gain" | "hours" | "interruptions" | "steps"): number =>
  rows.reduce((sum, row) => sum + row[name], 0);

describe("the closed loop", () => {
  test("adds up to what the simulator's own tally says, side by side or one by one", async () => {
    for (const level of [0, 2] as const) {
      const rows = await run(createConstant("constant", level));
      const { all } = runCohort(cohort(), 15, (_, last) => (last === undefined ? 0 : level));
      assert.equal(total(rows, "steps"), all.steps);
      assert.ok(Math.abs(total(rows, "gain") / total(rows, "hours") - all.gainPerHour) < 1e-9);
      assert.equal(total(rows, "interruptions"), all.interruptions * all.learners);
      assert.equal(rows.filter(({ dropped }) => dropped).length, Math.round(all.dropouts * all.learners));
    }
  });

  test("a decision meets the learner at the next step, and guards hold over the session", async () => {
    const rows = await run(createConstant("mild", 2), { ...withoutGuards, frequency: { perSession: 3 } });
    assert.ok(rows.every(({ interruptions }) => interruptions <= 3));
    assert.ok(rows.some(({ interruptions }) => interruptions === 3));
    const silent = await run(createTextHead());
    assert.equal(total(silent, "interruptions"), 0);
  });

  test("the oracle gives the level whose growth less time is largest", async () => {
    const learners = cohort(5);
    const live = learners.map((learner) => ({ learner, moments: [] }));
    const chooser = chooseOracle({ gainPerHour: 0.3, horizon: 3, rollouts: 4 });
    const chosen = await chooser.choose(live);
    learners.forEach((learner, i) => {
      const worth = expectOutcomes(learner, { horizon: 3, rollouts: 4, seed: 0 }).map(
        ({ knowledgeGain, seconds }) => knowledgeGain - (0.3 * seconds) / 3600,
      );
      assert.equal(worth[chosen[i]?.level ?? 0], Math.max(...worth));
    });
  });
});

describe("exploration", () => {
  test("logs every decision whose outcome became known, with its propensity", async () => {
    const measure = outcomeMeasureSchema.parse({ horizon: 4, minutePrice: 0 });
    const options = {
      steps: 12,
      voices: undefined,
      readiness,
      policy: createLottery(sparseWeights),
      measure,
      seed: 3,
    };
    const rows = await explore({ ...options, learners: cohort(60) });
    const weight = sparseWeights.reduce((sum, one) => sum + one, 0);
    for (const { propensity, level, outcome, features } of rows) {
      assert.ok(Math.abs(propensity - (sparseWeights[level] as number) / weight) < 1e-9);
      assert.ok(outcome <= 4.5 && outcome >= -1);
      assert.ok(features.values.length > 50);
    }
    // Decisions follow steps 1 to 11; those after step 9 do not see four more steps, unless the learner gave up.
    const first = rows.filter(({ learnerId }) => learnerId === rows[0]?.learnerId);
    assert.ok(first.length <= 11);
    assert.ok(rows.length > 60 * 5);
    const level0 = rows.filter(({ level }) => level === 0).length / rows.length;
    assert.ok(Math.abs(level0 - 0.64) < 0.06, `${level0}`);
    assert.deepEqual(await explore({ ...options, learners: cohort(60) }), rows);
  });
});

describe("comparePolicies", () => {
  test("the same runs differ by nothing, and pairs leave less doubt than each alone", async () => {
    const never = await run(createConstant("never", 0));
    const random = await run(createRandom());
    const better = never.map((row) => ({ ...row, gain: row.gain + 0.05 * row.hours }));
    const compared = comparePolicies(
      new Map([
        ["never", never],
        ["same", never],
        ["random", random],
        ["learned", better],
        ["oracle", never.map((row) => ({ ...row, gain: row.gain + 0.1 * row.hours }))],
      ]),
      { seed: 1, resamples: 200 },
    );
    assert.deepEqual(findDifference(compared, "same", "never", "gainPerHour"), { value: 0, low: 0, high: 0 });
    const gain = findDifference(compared, "learned", "never", "gainPerHour");
    assert.ok(gain !== undefined && Math.abs(gain.value - 0.05) < 1e-9 && gain.high - gain.low < 1e-9);
    assert.ok(Math.abs((compared.shareOfOracle?.value ?? 0) - 0.5) < 1e-9);
    const [first] = compared.policies;
    assert.ok(first !== undefined);
    const { gainPerHour } = first.groups.all;
    assert.ok(gainPerHour.high - gainPerHour.low > 0.01);
    assert.ok(Math.abs(gainPerHour.value - total(never, "gain") / total(never, "hours")) < 1e-9);
    const low = never.filter(({ group }) => group === "low");
    assert.ok(Math.abs(first.groups.low.gainPerHour.value - total(low, "gain") / total(low, "hours")) < 1e-9);
  });

  test("refuses runs of other learners", async () => {
    const few = await run(createConstant("never", 0), withoutGuards, 3);
    assert.throws(
      () =>
        comparePolicies(
          new Map([
            ["a", few],
            ["b", few.slice(1)],
          ]),
          { seed: 1 },
        ),
      {
        code: "DATA_INVALID",
      },
    );
  });
});
