import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedParameters } from "../../policy/network.js";
import { drawBootstrap, measureScales, type TableRow, tabulate } from "./table.js";

const row = (
  learnerId: string,
  values: readonly number[],
  known: readonly number[],
  outcome: number,
): TableRow => ({
  learnerId,
  features: { values: Float32Array.from(values), known: Uint8Array.from(known) },
  level: 1,
  propensity: 0.5,
  outcome,
});

test("scales are those of what is known; what never is keeps 0 and 1", () => {
  const table = tabulate(
    [row("a", [1, 0, 5], [1, 0, 1], 2), row("b", [3, 0, 0], [1, 0, 0], 4), row("a", [0, 0, 5], [0, 0, 1], 3)],
    3,
  );
  assert.equal(table.learners, 2);
  assert.deepEqual([...table.learner], [0, 1, 0]);
  const scales = measureScales(table);
  assert.deepEqual([...(scales.get(fixedParameters.mean) ?? [])], [2, 0, 5]);
  // Deviations 1, none known, and 0, which is held at the least.
  assert.deepEqual([...(scales.get(fixedParameters.scale) ?? [])], [1, 1, 1000]);
  assert.deepEqual([...(scales.get(fixedParameters.outcomeMean) ?? [])], [3]);
});

test("every head draws learners with replacement: once on average, none for e⁻¹ of them", () => {
  const counts = drawBootstrap(5000, 4, 1);
  const mean = counts.reduce((sum, one) => sum + one, 0) / counts.length;
  const none = counts.filter((one) => one === 0).length / counts.length;
  assert.ok(Math.abs(mean - 1) < 0.03, `${mean}`);
  assert.ok(Math.abs(none - Math.exp(-1)) < 0.02, `${none}`);
  assert.deepEqual(drawBootstrap(10, 4, 1), counts.slice(0, 40));
});
