import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoggedOutcome } from "../policy/outcome.js";
import { judgeLogged } from "./logged-policy.js";
import { evaluateOffPolicy } from "./off-policy.js";
import { isSkipped } from "./result.js";

/** Two heads: mild helps where the first feature is above 0; how sure it is hangs on the second. */
const model = {
  heads: 2,
  predict: async (rows: readonly { readonly values: Float32Array }[]) =>
    Float32Array.from(
      rows.flatMap(({ values: [x = 0, doubt = 0] }) =>
        [-doubt, doubt].flatMap((off) => [1, 1, x > 0 ? 2 + off : 0, 0, 0, 0]),
      ),
    ),
};

const row = (
  i: number,
  x: number,
  level: 0 | 2,
  outcome: number,
  doubt: number | null = null,
): LoggedOutcome => ({
  learnerId: `learner-${i}`,
  at: i,
  features: [x, doubt],
  level,
  propensity: 0.5,
  outcome,
});

const judged = { model, cost: [0, 0, 0.1, 0, 0, 0], features: 2 };

test("the learned policy is judged by what it would do, none where it is in doubt", async () => {
  const [sure, doubtful, other] = await judgeLogged(
    [row(1, 1, 0, 0), row(2, 1, 0, 0, 2), row(3, -1, 0, 0)],
    judged,
  );
  assert.deepEqual(sure?.target, [0, 0, 1, 0, 0, 0]);
  assert.deepEqual(doubtful?.target, [1, 0, 0, 0, 0, 0]);
  assert.deepEqual(other?.target, [1, 0, 0, 0, 0, 0]);
  assert.deepEqual(sure?.predictions, [1, 1, 2, 0, 0, 0]);
});

test("off-policy evaluation finds its value in a log of a coin", async () => {
  const log = Array.from({ length: 400 }, (_, i) => {
    const x = i % 2 === 0 ? 1 : -1;
    const level = i % 4 < 2 ? 0 : 2;
    return row(i, x, level, level === 2 ? (x > 0 ? 2 : 0) : 1);
  });
  const { estimates } = evaluateOffPolicy(await judgeLogged(log, judged), { seed: 1, resamples: 50 });
  assert.ok(!isSkipped(estimates.snips) && !isSkipped(estimates.onPolicy));
  assert.ok(Math.abs(estimates.snips.value - 1.5) < 1e-9, `${estimates.snips.value}`);
  assert.ok(Math.abs(estimates.onPolicy.value - 1) < 1e-9);
});

test("rows of other features are refused", async () => {
  await assert.rejects(judgeLogged([row(1, 1, 0, 0)], { ...judged, features: 3 }), {
    code: "DATA_INVALID",
    message: /row 1: expected 3 features, as the model reads, got 2/,
  });
});
