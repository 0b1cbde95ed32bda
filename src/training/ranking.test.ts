import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../base/errors.js";
import { Ranking } from "./ranking.js";

const settings = { selectBy: "score", keepBest: 2, earlyStopping: { figure: "score", patience: 2 } };

test("keeps the best evaluations, best first, and says which is the best", () => {
  const ranking = new Ranking(settings);
  assert.deepEqual(ranking.add(100, { score: 0.4 }), { isBest: true, isKept: true });
  assert.deepEqual(ranking.add(200, { score: 0.6 }), { isBest: true, isKept: true });
  assert.deepEqual(ranking.add(300, { score: 0.5 }), { isBest: false, isKept: true });
  assert.deepEqual(ranking.add(400, { score: 0.1 }), { isBest: false, isKept: false });
  assert.deepEqual(ranking.state.best, [
    { step: 200, figure: 0.6 },
    { step: 300, figure: 0.5 },
  ]);
});

test("an equal later evaluation does not push out an earlier one", () => {
  const ranking = new Ranking({ ...settings, keepBest: 1 });
  ranking.add(1, { score: 0.5 });
  assert.deepEqual(ranking.add(2, { score: 0.5 }), { isBest: false, isKept: false });
});

test("is stale when the watched figure stood still for as long as allowed, and not before", () => {
  const ranking = new Ranking(settings);
  ranking.add(1, { score: 0.5 });
  ranking.add(2, { score: 0.5 });
  assert.equal(ranking.isStale, false);
  ranking.add(3, { score: 0.4 });
  assert.equal(ranking.isStale, true);
  ranking.add(4, { score: 0.7 });
  assert.equal(ranking.isStale, false);
});

test("goes on from its saved state as if it had never stopped", () => {
  const whole = new Ranking(settings);
  const first = new Ranking(settings);
  for (const ranking of [whole, first]) ranking.add(1, { score: 0.5 });
  const second = new Ranking(settings);
  second.state = JSON.parse(JSON.stringify(first.state));
  for (const ranking of [whole, second]) ranking.add(2, { score: 0.3 });
  assert.deepEqual(second.state, whole.state);
});

test("a figure that was not measured is refused by name", () => {
  assert.throws(
    () => new Ranking(settings).add(1, { other: 1 }),
    (error: unknown) =>
      error instanceof AppError && error.code === "CONFIG_INVALID" && /other.*score/.test(error.message),
  );
});
