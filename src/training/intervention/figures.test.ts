import assert from "node:assert/strict";
import { test } from "node:test";
import { measureInterventionFigures } from "./figures.js";
import { type TableRow, tabulate } from "./table.js";

const free = [0, 0, 0, 0, 0, 0];

const row = (i: number, level: number, outcome: number): TableRow => ({
  learnerId: `learner-${i % 40}`,
  features: { values: new Float32Array(1), known: new Uint8Array(1) },
  level,
  propensity: 0.5,
  outcome,
});

/** Two heads that agree on the given outcomes. */
const saying = (rows: number, outcomes: readonly number[]): Float32Array =>
  Float32Array.from({ length: rows * 12 }, (_, i) => outcomes[i % 6] as number);

test("the gain of a policy is found whether the model of outcomes is right or wrong, since propensities are", () => {
  // Mild brings 2, nothing 1; each learner had one of the two.
  const table = tabulate(
    Array.from({ length: 400 }, (_, i) => row(i, i % 4 < 2 ? 0 : 2, i % 4 < 2 ? 1 : 2)),
    1,
  );
  const right = measureInterventionFigures(table, saying(400, [1, 0, 2, 0, 0, 0]), 2, free);
  assert.equal(right["outcome.r2"], 1);
  assert.equal(right["policy.gain"], 1);
  assert.equal(right["policy.gainError"], 0);
  assert.equal(right["policy.acts"], 1);
  const wrong = measureInterventionFigures(table, saying(400, [0, 0, 5, 0, 0, 0]), 2, free);
  assert.ok(Math.abs((wrong["policy.gain"] ?? 0) - 1) < 1e-9);
  assert.ok((wrong["policy.gainError"] ?? 0) > 0);
  assert.ok((wrong["outcome.r2"] ?? 0) < 0);
});

test("a policy that never acts gains nothing", () => {
  const table = tabulate([row(0, 0, 1), row(1, 2, 3)], 1);
  const figures = measureInterventionFigures(table, saying(2, [1, 0, 1, 0, 0, 0]), 2, free);
  assert.equal(figures["policy.gain"], 0);
  assert.equal(figures["policy.acts"], 0);
});
