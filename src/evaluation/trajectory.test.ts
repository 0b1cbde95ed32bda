import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { estimateShare, measureTrajectory } from "./trajectory.js";

/** Enough null series for the share of all states together; the tables of power only as far as a test needs them. */
const figures = measureTrajectory({ seed: 5, nullSeries: 4000, series: 60, sessions: 12 });

describe("the trajectory on simulated series", () => {
  test("false alarms come as often as stated: all together within a fifth, each as far as 4,000 series can tell", () => {
    for (const { state, stated, share, low, high } of figures.falseAlarms) {
      if (state === "any") assert.ok(Math.abs(share - stated) <= 0.2 * stated, `${state}: ${share}`);
      else assert.ok(low <= 1.2 * stated && high >= 0.8 * stated, `${state}: ${low} to ${high}`);
    }
    assert.equal(figures.falseAlarms.length, 5);
  });

  test("a course is found oftener the longer it is, and a fall that stays is not taken for a recovery", () => {
    const share = (
      truth: string,
      length: number,
      state: "recovering" | "volatile" | "declining" | "improving",
    ) => figures.states.find((one) => one.truth === truth && one.length === length)?.shares[state] as number;
    assert.ok(share("rising", 24, "improving") > 0.85);
    assert.ok(share("falling", 24, "declining") > 0.85);
    assert.ok(share("fell, then rose", 24, "recovering") > 0.75);
    assert.ok(share("swinging", 24, "volatile") > 0.85);
    assert.ok(share("rising", 6, "improving") < share("rising", 24, "improving"));
    for (const length of [12, 24, 48]) assert.ok(share("fell and stayed", length, "recovering") < 0.1);
  });

  test("delays are finite, and intervals of slopes hold the truth about as often as they say", () => {
    for (const { truth, median } of figures.delays) assert.ok(median >= 1 && Number.isFinite(median), truth);
    for (const { estimator, covered } of figures.slopes) assert.ok(covered.high > 0.93, estimator);
  });
});

test("Wilson's interval is that of his paper's formula", () => {
  // 10 of 100: .0552 to .1744, as in any table.
  const { share, low, high } = estimateShare(10, 100);
  assert.equal(share, 0.1);
  assert.ok(Math.abs(low - 0.0552) < 1e-4 && Math.abs(high - 0.1744) < 1e-4);
  assert.ok(Math.abs(estimateShare(0, 50).low) < 1e-12);
});
