import assert from "node:assert/strict";
import { test } from "node:test";
import { averageRuns } from "./average.js";
import type { TrainedRun } from "./trained-run.js";

const run = (name: string, values: readonly number[], step: number): TrainedRun =>
  ({
    experiment: { name },
    weights: new Map([["w", Float32Array.from(values)]]),
    state: { step, epoch: 1, seconds: 10 },
  }) as unknown as TrainedRun;

test("weights are the mean, costs the sum, and the first run's own arrays stay", () => {
  const first = run("a", [1, 2], 5);
  const average = averageRuns([first, run("b", [3, -2], 7), run("c", [5, 3], 1)]);
  assert.deepEqual([...(average.weights.get("w") ?? [])], [3, 1]);
  assert.deepEqual([average.state.step, average.state.epoch, average.state.seconds], [13, 3, 30]);
  assert.equal(average.experiment.name, "a+b+c");
  assert.deepEqual([...(first.weights.get("w") ?? [])], [1, 2]);
});

test("a run that counts three times is three quarters of the mean", () => {
  const average = averageRuns([run("a", [1, 2], 5), run("b", [5, -2], 7)], [3, 1]);
  assert.deepEqual([...(average.weights.get("w") ?? [])], [2, 1]);
  for (const counts of [[1], [1, 0], [1, Number.NaN], [1, 1, 1]]) {
    assert.throws(() => averageRuns([run("a", [1], 5), run("b", [5], 7)], counts), { code: "USAGE" });
  }
});

test("one run is itself; runs that do not fit are refused by name", () => {
  const first = run("a", [1, 2], 5);
  assert.equal(averageRuns([first]), first);
  assert.throws(() => averageRuns([first, run("b", [1], 5)]), {
    code: "WEIGHTS_MISMATCH",
    message: /expected 2 numbers of w in b, got 1/,
  });
});
