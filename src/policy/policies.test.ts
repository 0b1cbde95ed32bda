import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { situationOf, situations, stateOf } from "../../test/fixtures/situations.js";
import { levels } from "./decision.js";
import { createLearned, type OutcomeModel, valueLevels } from "./learned-policy.js";
import {
  createConstant,
  createRandom,
  createRule,
  createTextHead,
  exploring,
  type Policy,
} from "./policies.js";
import type { Situation } from "./situation.js";

const levelOf = async (policy: Policy, situation: Situation): Promise<number> => {
  const [proposal] = await policy.propose([situation]);
  return proposal?.probabilities.indexOf(1) ?? -1;
};

/** Heads that all say the same of every row. */
const saying = (...heads: readonly (readonly number[])[]): OutcomeModel => ({
  heads: heads.length,
  predict: async (rows) => Float32Array.from(rows.flatMap(() => heads.flat())),
});

const free = [0, 0, 0, 0, 0, 0];

describe("policies", () => {
  test("give probabilities in every situation", async () => {
    const model = saying([1, 1, 1.2, 1, 0.5, 0]);
    const all = [
      createConstant("never", 0),
      createRandom(),
      createTextHead(),
      createRule(),
      createLearned({ model, cost: free, floor: 0.01, temperature: 0.1 }),
      exploring(createRule(), 1 / 6),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(situations, { maxLength: 4 }), async (many) => {
        for (const policy of all) {
          const proposals = await policy.propose(many);
          assert.equal(proposals.length, many.length);
          for (const { probabilities, floor } of proposals) {
            assert.equal(probabilities.length, 6);
            assert.ok(Math.abs(probabilities.reduce((sum, one) => sum + one, 0) - 1) < 1e-9, policy.name);
            assert.ok(
              probabilities.every((one) => one >= floor - 1e-12),
              policy.name,
            );
          }
        }
      }),
    );
  });

  test("the text head does what the message asks for, and nothing without one", async () => {
    assert.equal(await levelOf(createTextHead(), situationOf([{ emotion: "joy" }])), 2);
    assert.equal(await levelOf(createTextHead(), situationOf([{ emotion: "joy" }, {}])), 0);
  });

  test("the rule helps in trouble, rests after help, and leaves flow alone", async () => {
    const rule = createRule();
    const wrong = { correct: false, correctStreak: -2 };
    assert.equal(await levelOf(rule, situationOf([{ emotion: "frustration", behavior: wrong }])), 3);
    assert.equal(
      await levelOf(rule, situationOf([{ level: 2 }, { emotion: "frustration", behavior: wrong }])),
      0,
    );
    assert.equal(await levelOf(rule, situationOf([{ emotion: "boredom", behavior: { correct: true } }])), 2);
    assert.equal(
      await levelOf(rule, situationOf([{ emotion: "flow_state", behavior: { correct: true } }])),
      0,
    );
    assert.equal(
      await levelOf(
        rule,
        situationOf([{ emotion: "distress" }], { state: stateOf({ expectedSuccess: 0.1 }) }),
      ),
      4,
    );
    assert.equal(await levelOf(rule, situationOf([])), 0);
  });

  test("exploration keeps its floor and refuses one that cannot be", async () => {
    const [proposal] = await exploring(createConstant("never", 0), 0.05).propose([situationOf([])]);
    assert.deepEqual(
      proposal?.probabilities.map((one) => Number(one.toFixed(9))),
      [0.75, 0.05, 0.05, 0.05, 0.05, 0.05],
    );
    for (const floor of [-0.1, 0.2, Number.NaN]) {
      assert.throws(() => exploring(createRule(), floor), { code: "CONFIG_INVALID" });
    }
  });
});

describe("the learned policy", () => {
  test("takes the best level after costs", async () => {
    const model = saying([1, 1, 1.2, 1.25, 0.5, 0]);
    assert.equal(await levelOf(createLearned({ model, cost: free }), situationOf([{}])), 3);
    const cost = [0, 0.01, 0.05, 0.15, 0.2, 0.3];
    assert.equal(await levelOf(createLearned({ model, cost }), situationOf([{}])), 2);
    const dear = [0, 1, 1, 1, 1, 1];
    assert.equal(await levelOf(createLearned({ model, cost: dear }), situationOf([{}])), 0);
  });

  test("values are differences within a head: what all levels share makes no doubt", () => {
    const outcomes = Float32Array.from([0, 0.5, 0, 0, 0, 0, 10, 10.5, 0, 0, 0, 0]);
    const [none, preventive, mild] = valueLevels(outcomes, 2, [0, 0.1, 0, 0, 0, 0]);
    assert.deepEqual(none, { level: 0, value: 0, low: 0, high: 0 });
    assert.ok(Math.abs((preventive?.value ?? 0) - 0.4) < 1e-6);
    assert.ok((preventive?.high ?? 1) - (preventive?.low ?? 0) < 1e-6);
    // Heads say 0 and −10: mean −5, deviation 10/√2.
    assert.ok(Math.abs((mild?.low ?? 0) - (-5 - 1.96 * Math.sqrt(50))) < 1e-4);
  });

  test("softer choices follow values, and all levels of one value are equal", async () => {
    const [proposal] = await createLearned({
      model: saying([1, 1, 1, 1, 1, 1]),
      cost: free,
      temperature: 0.5,
    }).propose([situationOf([{}])]);
    for (const level of levels) assert.ok(Math.abs((proposal?.probabilities[level] ?? 0) - 1 / 6) < 1e-9);
    const [uneven] = await createLearned({
      model: saying([1, 2, 1, 1, 1, 1]),
      cost: free,
      temperature: 0.5,
    }).propose([situationOf([{}])]);
    assert.ok(
      Math.abs((uneven?.probabilities[1] ?? 0) / (uneven?.probabilities[0] ?? 1) - Math.exp(2)) < 1e-6,
    );
  });

  test("refuses costs and temperatures that make no sense", () => {
    const model = saying([0, 0, 0, 0, 0, 0]);
    for (const cost of [
      [0, 1],
      [0.1, 0, 0, 0, 0, 0],
      [0, -1, 0, 0, 0, 0],
      [0, Number.NaN, 0, 0, 0, 0],
    ]) {
      assert.throws(() => createLearned({ model, cost }), { code: "CONFIG_INVALID" });
    }
    assert.throws(() => createLearned({ model, cost: free, temperature: 0 }), { code: "CONFIG_INVALID" });
  });
});
