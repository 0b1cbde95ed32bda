import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { paddingShare, planEpoch } from "./batches.js";

const arbitrary = fc
  .array(
    fc.record({
      length: fc.integer({ min: 3, max: 128 }),
      weight: fc.double({ min: 0, max: 3, noNaN: true }),
    }),
    {
      maxLength: 300,
    },
  )
  .chain((rows) =>
    fc.record({
      lengths: fc.constant(rows.map(({ length }) => length)),
      weights: fc.constant(rows.map(({ weight }) => weight)),
      batchSize: fc.integer({ min: 1, max: 40 }),
      seed: fc.integer(),
      epoch: fc.nat(50),
    }),
  );

const count = (batches: readonly Int32Array[], rows: number): number[] => {
  const seen = new Array<number>(rows).fill(0);
  for (const batch of batches) for (const row of batch) seen[row] = (seen[row] ?? 0) + 1;
  return seen;
};

/** Rows with the lengths that texts have: many short, some long. */
const textLengths = (rows: number): number[] => {
  const random = Random.seeded(5);
  return Array.from({ length: rows }, () =>
    Math.min(128, Math.max(3, Math.round(Math.exp(2.9 + 0.5 * random.normal())))),
  );
};

describe("planEpoch", () => {
  test("every row is seen as often as its weight says, in full batches but for one", () => {
    fc.assert(
      fc.property(arbitrary, (plan) => {
        const batches = planEpoch(plan);
        for (const [row, seen] of count(batches, plan.lengths.length).entries()) {
          const weight = plan.weights[row] ?? 0;
          assert.ok(seen === Math.floor(weight) || seen === Math.ceil(weight), `${seen} for ${weight}`);
        }
        assert.ok(batches.every(({ length }) => length > 0 && length <= plan.batchSize));
        assert.ok(batches.filter(({ length }) => length < plan.batchSize).length <= 1);
      }),
    );
  });

  test("the same seed and epoch give the same plan", () => {
    fc.assert(fc.property(arbitrary, (plan) => assert.deepEqual(planEpoch(plan), planEpoch(plan))));
  });

  test("another epoch or seed gives another plan", () => {
    const lengths = textLengths(500);
    const plan = { lengths, weights: lengths.map(() => 1), batchSize: 16, seed: 1, epoch: 0 };
    assert.notDeepEqual(planEpoch(plan), planEpoch({ ...plan, epoch: 1 }));
    assert.notDeepEqual(planEpoch(plan), planEpoch({ ...plan, seed: 2 }));
  });

  test("fractional weights hold on average", () => {
    const weights = new Array<number>(10_000).fill(0.25);
    const lengths = weights.map(() => 10);
    const seen = planEpoch({ lengths, weights, batchSize: 32, seed: 3, epoch: 0 }).reduce(
      (n, b) => n + b.length,
      0,
    );
    assert.ok(Math.abs(seen - 2500) < 150, String(seen));
  });

  test("little of a batch is padding, and short batches do not come first", () => {
    const lengths = textLengths(20_000);
    const batches = planEpoch({ lengths, weights: lengths.map(() => 1), batchSize: 32, seed: 7, epoch: 0 });
    assert.ok(paddingShare(batches, lengths) < 0.04, String(paddingShare(batches, lengths)));
    const tokens = (half: readonly Int32Array[]): number =>
      half.reduce((sum, batch) => sum + batch.reduce((n, row) => n + (lengths[row] ?? 0), 0), 0);
    const middle = batches.length / 2;
    const ratio = tokens(batches.slice(0, middle)) / tokens(batches.slice(middle));
    assert.ok(Math.abs(ratio - 1) < 0.15, String(ratio));
  });

  test("refuses what cannot be planned", () => {
    const plan = { lengths: [1], weights: [1], batchSize: 1, seed: 0, epoch: 0 };
    const bad = [
      { batchSize: 0 },
      { batchSize: 1.5 },
      { weights: [] },
      { weights: [-1] },
      { weights: [Number.NaN] },
    ];
    for (const change of bad) assert.throws(() => planEpoch({ ...plan, ...change }), { code: "USAGE" });
    assert.deepEqual(planEpoch({ ...plan, lengths: [], weights: [] }), []);
    assert.equal(paddingShare([], []), 0);
  });
});
