import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { observeBehavior } from "./normalization.js";
import { LearnerStatistics, measuredSignals, PopulationStatistics } from "./statistics.js";

function refuses(work: () => unknown, message: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof AppError && error.code === "DATA_INVALID", String(error));
    assert.match(error.message, /^row 3: .+; build the statistics again from the moments$/);
    assert.match(error.message, message);
    return true;
  });
}

describe("statistics", () => {
  test("all signals but the flags are measured", () => {
    assert.equal(measuredSignals.length, 11);
    assert.ok(!(measuredSignals as readonly string[]).includes("correct"));
  });

  test("go on from their saved state as if they had never stopped", () => {
    const population = new PopulationStatistics();
    const learner = new LearnerStatistics();
    const item = (i: number): string => ["__proto__", "7", ""][i % 3] as string;
    const step = (i: number) => ({
      responseTimeMs: 1000 * i,
      hintsUsed: i % 3,
      correct: true,
      correctStreak: -i,
    });
    for (let i = 0; i < 20; i++) observeBehavior(step(i), { population, learner, itemId: item(i) });
    const population2 = PopulationStatistics.restore(JSON.parse(JSON.stringify(population.state)), "row 3");
    const learner2 = LearnerStatistics.restore(JSON.parse(JSON.stringify(learner.state)), "row 3");
    for (let i = 20; i < 40; i++) {
      observeBehavior(step(i), { population, learner, itemId: item(i) });
      observeBehavior(step(i), { population: population2, learner: learner2, itemId: item(i) });
    }
    assert.deepEqual(population2.state, population.state);
    assert.deepEqual(learner2.state, learner.state);
    assert.equal(population.summarizeItem("__proto__", "hintsUsed").count, 14);
  });

  test("the item unseen for longest gives way", () => {
    const population = new PopulationStatistics(2);
    for (const itemId of ["a", "b", "a", "c"]) observeBehavior({ attempts: 1 }, { population, itemId });
    assert.deepEqual(
      population.state.items.map(([id]) => id),
      ["a", "c"],
    );
    assert.equal(population.values.summarize("attempts").count, 4);
    const smaller = PopulationStatistics.restore(population.state, "row 3", 1);
    assert.deepEqual(
      smaller.state.items.map(([id]) => id),
      ["c"],
    );
    assert.throws(
      () => new PopulationStatistics(0),
      (error) => error instanceof AppError && error.code === "USAGE",
    );
  });

  test("what is no state is refused by path", () => {
    const learner = (residuals: unknown) => LearnerStatistics.restore({ version: 1, residuals }, "row 3");
    refuses(() => LearnerStatistics.restore(null, "row 3"), /the state: expected object, got null/);
    refuses(() => LearnerStatistics.restore({ version: 2, residuals: {} }, "row 3"), /version: .*got 2/);
    refuses(() => learner({ correct: { bins: [], counts: [] } }), /residuals\.correct: unknown key/);
    refuses(
      () => learner({ attempts: { bins: [1], counts: [] } }),
      /residuals\.attempts: expected as many counts/,
    );
    refuses(
      () => learner({ attempts: { bins: [2, 1], counts: [1, 1] } }),
      /residuals\.attempts: expected ascending/,
    );
    refuses(
      () => learner({ attempts: { bins: [2], counts: [0] } }),
      /residuals\.attempts\.counts\[0\]: .*got 0/,
    );
    refuses(
      () => learner({ attempts: { bins: [5000], counts: [1] } }),
      /residuals\.attempts\.bins\[0\]: .*got 5000/,
    );
    refuses(() => PopulationStatistics.restore({ version: 1 }, "row 3"), /values: .*got nothing/);
  });
});
