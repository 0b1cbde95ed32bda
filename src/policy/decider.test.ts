import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { given, situationOf, situations, stateOf } from "../../test/fixtures/situations.js";
import type { SupportLevel } from "../emotion/support.js";
import type { Moment } from "../history/moment.js";
import { Decider } from "./decider.js";
import { certain, type LevelValue, levels } from "./decision.js";
import type { GuardOptions } from "./guards.js";
import { createConstant, createRandom, exploring, type Policy } from "./policies.js";

const off: GuardOptions = {
  uncertainty: { on: false },
  "productive-confusion": { on: false },
  frequency: { on: false },
  crisis: { on: false },
};

/** A policy that values levels as told and takes the best. */
function valuing(best: SupportLevel, low: number): Policy {
  const values: LevelValue[] = levels.map((level) =>
    level === best && level > 0
      ? { level, value: 0.3, low, high: 0.6 }
      : { level, value: 0, low: 0, high: 0 },
  );
  return {
    name: "valuing",
    propose: async (all) =>
      all.map(() => ({ probabilities: certain(best), values, floor: 0, reason: "told" })),
  };
}

const policies = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  .map((weights): Policy => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const probabilities = weights.map((weight) => weight / total);
    return {
      name: "any",
      propose: async (all) => all.map(() => ({ probabilities, values: [], floor: 0, reason: "any" })),
    };
  });

describe("Decider", () => {
  test("without guards it draws as the policy says, with the policy's probability", async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        situations,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        async (policy, situation, share) => {
          const [proposal] = await policy.propose([situation]);
          const decision = await new Decider({ policy, guards: off, random: () => share }).decide(situation);
          const expected = proposal?.probabilities[decision.level] ?? 0;
          assert.ok(Math.abs(decision.propensity - expected) < 1e-9);
          assert.equal(decision.decidedBy, "policy");
          let below = 0;
          for (let level = 0; level < decision.level; level++) below += proposal?.probabilities[level] ?? 0;
          assert.ok(share >= below - 1e-9 && share <= below + expected + 1e-9);
        },
      ),
    );
  });

  test("whatever the guards do, the propensity is the probability of the level that came out", async () => {
    await fc.assert(
      fc.asyncProperty(policies, situations, fc.nat(), async (policy, situation, seed) => {
        const shares = Array.from({ length: 400 }, (_, i) => (((i * 0.6180339887 + seed * 0.1) % 1) + 1) % 1);
        const counts = new Array<number>(6).fill(0);
        let last: readonly number[] = [];
        for (const share of shares) {
          const decision = await new Decider({ policy, random: () => share }).decide(situation);
          counts[decision.level] = (counts[decision.level] as number) + 1;
          assert.equal(decision.propensity, Math.min(1, decision.probabilities[decision.level] as number));
          last = decision.probabilities;
        }
        assert.ok(Math.abs(last.reduce((sum, one) => sum + one, 0) - 1) < 1e-9);
        counts.forEach((count, level) => {
          assert.ok(
            Math.abs(count / 400 - (last[level] as number)) < 0.02,
            `level ${level}: ${count}, ${last}`,
          );
        });
      }),
      { numRuns: 25 },
    );
  });

  test("crisis language beats every policy, every other guard and every history", async () => {
    await fc.assert(
      fc.asyncProperty(policies, situations, fc.boolean(), async (policy, situation, inMoment) => {
        const text = "please, I want to die";
        const last = situation.moments.at(-1);
        const crisis =
          inMoment && last !== undefined
            ? { ...situation, moments: [...situation.moments.slice(0, -1), { ...last, text }] }
            : { ...situation, text };
        const guards = { frequency: { perSession: 0 } };
        const decision = await new Decider({ policy, guards }).decide(crisis);
        assert.equal(decision.level, 5);
        assert.equal(decision.decidedBy, "guard:crisis");
        assert.equal(decision.escalate, "human");
        assert.ok(decision.propensity > 1 - 1e-9 && decision.propensity <= 1);
        assert.ok(!decision.explanation.includes("die"));
      }),
    );
    const calm = await new Decider({ policy: createConstant("critical", 5) }).decide(situationOf([{}]));
    assert.equal(calm.escalate, undefined);
    const switchedOff = await new Decider({ policy: createConstant("never", 0), guards: off }).decide(
      situationOf([{}], { text: "I want to die" }),
    );
    assert.equal(switchedOff.level, 0);
  });

  test("over any session, interventions are never more than allowed nor closer than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(fc.integer({ min: 1, max: 2400 }), { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 10 }),
        fc.nat(),
        async (policy, gaps, perSession, minMinutesBetween, seed) => {
          let draws = seed;
          const random = (): number => (draws++ * 0.754877666) % 1;
          const decider = new Decider({
            policy,
            guards: { frequency: { perSession, minMinutesBetween } },
            random,
          });
          const moments: Moment[] = [];
          let now = 1_760_000_000_000;
          for (const gap of gaps) {
            now += gap * 1000;
            const situation = { moments: [...moments, { at: now }], now, state: stateOf() };
            const { level } = await decider.decide(situation);
            moments.push({ at: now, intervention: given(level) });
          }
          let count = 0;
          let lastGiven = Number.NEGATIVE_INFINITY;
          moments.forEach(({ at, intervention }, place) => {
            if (at - (moments[place - 1]?.at ?? at) > 30 * 60_000) count = 0;
            if ((intervention?.level ?? 0) === 0) return;
            count++;
            assert.ok(count <= perSession, `${count} of ${perSession}`);
            assert.ok(at - lastGiven >= minMinutesBetween * 60_000);
            lastGiven = at;
          });
        },
      ),
    );
  });

  test("confusion that is young and engaged gets no more than a tip", async () => {
    const policy = createConstant("moderate", 3);
    const decide = (ago: number, engagement: number) =>
      new Decider({ policy }).decide(
        situationOf(
          [
            { emotion: "joy", ago: 9 },
            { emotion: "confusion", ago },
            { emotion: "confusion", ago: 0 },
          ],
          {
            state: stateOf({ engagement }),
          },
        ),
      );
    const young = await decide(1, 0.7);
    assert.equal(young.level, 1);
    assert.equal(young.decidedBy, "guard:productive-confusion");
    assert.match(young.explanation, /confused for 60 s of 180 s/);
    assert.equal((await decide(4, 0.7)).level, 3);
    assert.equal((await decide(1, 0.3)).level, 3);
    const other = await new Decider({ policy }).decide(situationOf([{ emotion: "frustration" }]));
    assert.equal(other.decidedBy, "policy");
    const none = await new Decider({ policy: createConstant("never", 0) }).decide(
      situationOf([{ emotion: "confusion" }]),
    );
    assert.equal(none.decidedBy, "policy");
  });

  test("it abstains where the best level may be worth nothing, and says so", async () => {
    const sure = await new Decider({ policy: valuing(3, 0.05) }).decide(situationOf([{}]));
    assert.equal(sure.level, 3);
    assert.equal(sure.abstained, undefined);
    assert.match(sure.explanation, /worth 0\.300 \(0\.050 to 0\.600\)/);
    const doubtful = await new Decider({ policy: valuing(3, -0.05) }).decide(situationOf([{}]));
    assert.equal(doubtful.level, 0);
    assert.equal(doubtful.decidedBy, "guard:uncertainty");
    assert.match(doubtful.abstained ?? "", /level, 3, is worth 0\.300 \(-0\.050/);
    assert.equal(doubtful.values.length, 6);
  });

  test("what is explored on purpose stays possible in doubt", async () => {
    const policy = exploring(valuing(3, -0.05), 0.02);
    const { probabilities } = await new Decider({ policy }).decide(situationOf([{}]));
    probabilities.slice(1).forEach((one) => {
      assert.ok(Math.abs(one - 0.02) < 1e-9);
    });
    assert.ok(Math.abs((probabilities[0] as number) - 0.9) < 1e-9);
  });

  test("refuses a policy that gives no probabilities, and guards that make no sense", async () => {
    const broken: Policy = {
      ...createRandom(),
      propose: async () => [{ probabilities: [1, 1, 0, 0, 0, 0], values: [], floor: 0, reason: "" }],
    };
    await assert.rejects(new Decider({ policy: broken }).decide(situationOf([{}])), { code: "INTERNAL" });
    const policy = createRandom();
    assert.throws(() => new Decider({ policy, guards: { frequency: { perSession: -1 } } }), {
      code: "CONFIG_INVALID",
      message: /frequency\.perSession/,
    });
    assert.throws(() => new Decider({ policy, guards: { crisis: { phrases: ["("] } } }), {
      code: "CONFIG_INVALID",
      message: /crisis\.phrases: expected regular expressions, got \(/,
    });
  });
});
