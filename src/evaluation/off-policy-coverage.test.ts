import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type BanditOptions,
  drawLog,
  ordinaryBandit,
  valueTarget,
} from "../../test/fixtures/logged-bandit.js";
import type { LoggedChoice } from "./logged-choice.js";
import { type EstimatorName, evaluateOffPolicy, type OffPolicyOptions } from "./off-policy.js";
import type { Interval } from "./quotient.js";
import { isSkipped } from "./result.js";

const runs = 200;

/**
 * Of 200 intervals that each hold the truth with probability .95, 179 to 198 do: with probability .999 (binomial).
 * `npm run bench -- coverage` measures more closely.
 */
const least = 179;
const most = 198;

const holds = (interval: Interval | null, truth: number): boolean =>
  interval !== null && interval.low <= truth && truth <= interval.high;

/** What is told the evaluation, and what is done to the log before. */
interface Variant extends Partial<OffPolicyOptions> {
  readonly change?: (rows: LoggedChoice[]) => LoggedChoice[];
}

/** How many of the runs hold the truth, by each interval. */
function countCovered(
  bandit: BanditOptions,
  names: readonly EstimatorName[],
  { change = (rows) => rows, ...options }: Variant = {},
): Map<string, number> {
  const truth = valueTarget(bandit);
  const counts = new Map<string, number>();
  const add = (key: string, held: boolean) => counts.set(key, (counts.get(key) ?? 0) + (held ? 1 : 0));
  for (let run = 0; run < runs; run++) {
    const log = change(drawLog(bandit, run));
    const { estimates } = evaluateOffPolicy(log, { seed: run, resamples: 200, ...options });
    for (const name of names) {
      const found = estimates[name];
      if (isSkipped(found)) throw new Error(`${name}: ${found.skipped}`);
      add(`${name} linearised`, holds(found.linearised, truth));
      add(`${name} bootstrap`, holds(found.bootstrap, truth));
    }
  }
  return counts;
}

describe("95 % intervals in a world whose truth is known", () => {
  test("hold it in about 95 of 100 logs; the mean of the log does not", () => {
    const names = ["ips", "snips", "doublyRobust", "switchDr", "selfNormalisedDr", "onPolicy"] as const;
    for (const [key, count] of countCovered(ordinaryBandit, names)) {
      // The policies differ, so that an estimator that forgot the weights would fail.
      if (key.startsWith("onPolicy")) assert.ok(count < runs / 2, `${key}: ${count} of ${runs}`);
      else assert.ok(count >= least && count <= most, `${key}: ${count} of ${runs}`);
    }
  });

  test("hold it where switch-DR leaves few choices to a wrong model, and not where it leaves many", () => {
    const apart = { ...ordinaryBandit, loggingSharpness: 1.5 };
    for (const [key, count] of countCovered(apart, ["switchDr"], { switchAt: 8 }))
      assert.ok(count >= least && count <= most, `${key}: ${count} of ${runs}`);
    for (const [key, count] of countCovered(apart, ["switchDr"], { switchAt: 2 }))
      assert.ok(count < least, `${key}: ${count} of ${runs}`);
  });

  test("are too short where rows of a learner are taken for independent", () => {
    const crowded = { ...ordinaryBandit, learners: 80, rowsEach: 20 };
    // Without a model there is no switch to choose, which takes longest.
    const weightsOnly = (rows: LoggedChoice[]) =>
      rows.map((row) => ({ ...row, predictions: undefined, logging: undefined }));
    const asStrangers = (rows: LoggedChoice[]) =>
      weightsOnly(rows).map((row, index) => ({ ...row, learner: `row-${index}` }));
    const countLinearised = (change: NonNullable<Variant["change"]>) =>
      countCovered(crowded, ["snips"], { resamples: 1, change }).get("snips linearised") ?? Number.NaN;
    const whole = countLinearised(weightsOnly);
    assert.ok(whole >= least && whole <= most, `by learner: ${whole} of ${runs}`);
    const apart = countLinearised(asStrangers);
    assert.ok(apart < least, `by row: ${apart} of ${runs}`);
  });
});
