import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Plan, type Position } from "./plan.js";

const settings = { batchSize: 4, accumulate: 1, epochs: 2.5, seed: 1 };
const lengths = Array.from({ length: 30 }, (_, i) => 3 + (i % 7));
const weights = (weight: number): number[] => lengths.map(() => weight);
const start: Position = { step: 0, epoch: 0, batch: 0 };

/** Every position of a plan with its rows. */
function walk(plan: Plan): { position: Position; rows: number[] }[] {
  const out: { position: Position; rows: number[] }[] = [];
  for (let position = start; position.step < plan.totalSteps; position = plan.next(position)) {
    out.push({ position, rows: [...plan.rowsAt(position)] });
  }
  return out;
}

describe("the plan of a run", () => {
  test("2.5 epochs of 30 rows in fours are 8 + 8 + 4 steps; each row is seen once an epoch", () => {
    const plan = new Plan(settings, lengths, weights(1));
    assert.equal(plan.stepsPerEpoch, 8);
    assert.equal(plan.totalSteps, 20);
    const steps = walk(plan);
    for (const epoch of [0, 1]) {
      const seen = steps.filter(({ position }) => position.epoch === epoch).flatMap(({ rows }) => rows);
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        lengths.map((_, i) => i),
      );
    }
    assert.equal(steps.filter(({ position }) => position.epoch === 2).length, 4);
    assert.equal(plan.progress({ step: 12, epoch: 1, batch: 4 }), 1.5);
  });

  test("accumulated parts make one step of all their rows", () => {
    const plan = new Plan({ ...settings, accumulate: 3 }, lengths, weights(1));
    const sizes = walk(plan).map(({ rows }) => rows.length);
    assert.deepEqual(sizes.slice(0, 3).sort(), [12, 12, 6]);
    assert.equal(plan.totalSteps, 3 + 3 + 2);
  });

  test("any position gives the same rows, whether walked to or gone to directly", () => {
    const property = fc.property(
      fc.record({
        seed: fc.nat(1000),
        epochs: fc.double({ min: 0.3, max: 3, noNaN: true }),
        weight: fc.double({ min: 0.3, max: 2.6, noNaN: true }),
      }),
      ({ seed, epochs, weight }) => {
        const make = () => new Plan({ ...settings, seed, epochs }, lengths, weights(weight));
        const steps = walk(make());
        assert.deepEqual(
          steps.map(({ position }) => position.step),
          steps.map((_, i) => i),
        );
        const direct = make();
        for (const { position, rows } of steps.toReversed()) {
          assert.deepEqual([...direct.rowsAt(position)], rows);
        }
      },
    );
    fc.assert(property, { numRuns: 30 });
  });

  test("an epoch without rows is refused before the first step", () => {
    assert.throws(() => new Plan(settings, [], []), {
      code: "CONFIG_INVALID",
      message: /none in epoch 1; raise/,
    });
    assert.throws(() => new Plan(settings, [3], [0.01]), { code: "CONFIG_INVALID" });
  });
});
