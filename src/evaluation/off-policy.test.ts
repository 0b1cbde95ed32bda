import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { SupportLevel } from "../emotion/support.js";
import { type LoggedChoice, levelCount } from "./logged-choice.js";
import {
  type EstimatorName,
  estimatorNames,
  evaluateOffPolicy,
  type OffPolicyOptions,
  type OffPolicyResult,
} from "./off-policy.js";
import { countEffective } from "./off-policy-support.js";
import { renderOffPolicy } from "./off-policy-table.js";
import type { Estimate, Interval } from "./quotient.js";
import { isSkipped } from "./result.js";

const near = (got: number | undefined, expected: number, tolerance = 1e-12): void =>
  assert.ok(
    Math.abs((got ?? Number.NaN) - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `expected ${expected}, got ${got}`,
  );

function estimateOf({ estimates }: OffPolicyResult, name: EstimatorName): Estimate {
  const found = estimates[name];
  assert.ok(!isSkipped(found), `${name} was skipped`);
  return found;
}

const estimatedValue = (result: OffPolicyResult, name: EstimatorName): number =>
  estimateOf(result, name).value;

// A log small enough for pencil and paper; the formulas are those of the papers named in off-policy-estimators.ts.
//   row  learner  level  μ    r  π(level)  w    d = Σ π q                 q(level)  w (r − q)
//   0    ada      0      1/2  1  1/4       1/2  1/4·1/2 + 3/4·3/4 = 11/16   1/2       1/4
//   1    ada      1      1/4  1  3/4       3    11/16                       3/4       3/4
//   2    ben      1      1/2  0  1/4       1/2  1/2                         1/2      −1/4
//   3    ben      2      1/4  1  1/2       2    1/2                         1/2       1
const early = { target: [1 / 4, 3 / 4, 0, 0, 0, 0], predictions: [1 / 2, 3 / 4, 0, 0, 0, 0] };
const half = [0, 1 / 2, 1 / 2, 1 / 2, 0, 0];
const worked: readonly LoggedChoice[] = [
  { learner: "ada", level: 0, propensity: 1 / 2, outcome: 1, ...early },
  { learner: "ada", level: 1, propensity: 1 / 4, outcome: 1, ...early },
  {
    learner: "ben",
    level: 1,
    propensity: 1 / 2,
    outcome: 0,
    target: [0, 1 / 4, 1 / 2, 1 / 4, 0, 0],
    predictions: half,
  },
  {
    learner: "ben",
    level: 2,
    propensity: 1 / 4,
    outcome: 1,
    target: [0, 1 / 2, 1 / 2, 0, 0, 0],
    predictions: half,
  },
];
const workedOptions = { seed: 1, clipAt: 2, switchAt: 2 } as const;

describe("worked example, by hand", () => {
  const result = evaluateOffPolicy(worked, workedOptions);

  test("values", () => {
    near(estimatedValue(result, "onPolicy"), 3 / 4); // (1 + 1 + 0 + 1) / 4
    near(estimatedValue(result, "ips"), 11 / 8); // Σ w r = 1/2 + 3 + 0 + 2 = 11/2, over 4: above any outcome there is
    near(estimatedValue(result, "clippedIps"), 9 / 8); // 3 becomes 2: 9/2 over 4
    near(estimatedValue(result, "snips"), 11 / 12); // Σ w = 6: 11/2 over 6
    near(estimatedValue(result, "directMethod"), 19 / 32); // (11/16 + 11/16 + 1/2 + 1/2) / 4
    near(estimatedValue(result, "doublyRobust"), 33 / 32); // Σ w (r − q) = 7/4: 19/32 + 7/16
    near(estimatedValue(result, "switchDr"), 27 / 32); // without row 1, whose weight is above 2: 19/32 + 1/4
    near(estimatedValue(result, "selfNormalisedDr"), 85 / 96); // 19/32 + 7/4 over 6 = 57/96 + 28/96
  });

  test("linearised standard errors, by learner", () => {
    // With two learners z_ada = −z_ben, so that se = √(2/1 · 2 z²) = 2 |z|, z = Σ over ada's rows of (N − θ D) / Σ D.
    const errors: Readonly<Record<EstimatorName, number>> = {
      onPolicy: 1 / 4, // z = (2 − 2·3/4) / 4 = 1/8
      ips: 3 / 8, // z = (7/2 − 2·11/8) / 4 = 3/16
      clippedIps: 1 / 8, // z = (5/2 − 2·9/8) / 4 = 1/16
      snips: 7 / 72, // z = (7/2 − 7/2·11/12) / 6 = 7/144
      directMethod: 3 / 32, // z = (11/8 − 2·19/32) / 4 = 3/64
      doublyRobust: 5 / 32, // z = (11/8 + 1 − 2·33/32) / 4 = 5/64
      switchDr: 1 / 32, // z = (11/8 + 1/4 − 2·27/32) / 4 = −1/64
      selfNormalisedDr: 25 / 288, // z = 3/64 + (1 − 7/2·7/24) / 6 = 27/576 − 2/576
    };
    for (const name of estimatorNames) {
      const { value, standardError, linearised } = estimateOf(result, name);
      near(standardError ?? Number.NaN, errors[name]);
      near(linearised?.low, value - 1.959963984540054 * errors[name]);
      near(linearised?.high, value + 1.959963984540054 * errors[name]);
    }
  });

  test("bootstrap draws learners whole: with two of them there are three samples", () => {
    // Ada twice, ben twice, or each once; a quarter each at the ends, so that these are the 2.5th and 97.5th percentiles.
    const ends: Partial<Record<EstimatorName, Interval>> = {
      onPolicy: { low: 1 / 2, high: 1 },
      ips: { low: 1, high: 7 / 4 }, // 2/2 and (7/2)/2; rows by themselves would reach from 0 to 3
      snips: { low: 4 / 5, high: 1 }, // 2/(5/2) and (7/2)/(7/2)
      doublyRobust: { low: 7 / 8, high: 19 / 16 }, // (1 + 3/4)/2 and (11/8 + 1)/2
      switchDr: { low: 13 / 16, high: 7 / 8 }, // (11/8 + 1/4)/2 and (1 + 3/4)/2
      selfNormalisedDr: { low: 4 / 5, high: 11 / 16 + 2 / 7 }, // 1/2 + (3/4)/(5/2) and 11/16 + 1/(7/2)
    };
    for (const [name, { low, high }] of Object.entries(ends)) {
      const { bootstrap } = estimateOf(result, name as EstimatorName);
      near(bootstrap?.low, low);
      near(bootstrap?.high, high);
    }
  });

  test("support", () => {
    const { support, switching } = result;
    near(support.effectiveRows, 8 / 3); // 6² / (1/4 + 9 + 1/4 + 4)
    near(support.effectiveShare, 2 / 3);
    assert.equal(support.largestWeight, 3);
    near(support.meanWeight.value, 3 / 2);
    near(support.neverLoggedMass, 1 / 16); // level 3 is wanted with 1/4 in one row of four
    assert.deepEqual(support.logged, [1, 2, 1, 0, 0, 0]);
    assert.equal(support.unsupportedMass, null);
    // Mass above 2 from weights: 3/4; outcomes and predictions span 0 to 1.
    assert.deepEqual(switching, { at: 2, chosen: false, massAbove: 3 / 4, biasBound: 3 / 4 });
    const codes = result.warnings.map(({ code }) => code);
    assert.deepEqual(codes, ["few_learners", "levels_never_logged"]);
  });

  test("the table stands in docs/off-policy.md as it is drawn", () => {
    const document = readFileSync(new URL("../../../docs/off-policy.md", import.meta.url), "utf8");
    const table = renderOffPolicy(result);
    assert.ok(document.includes(`\`\`\`text\n${table}\`\`\``), table);
  });
});

/** Six whole numbers as probabilities. */
const probabilities = (least: number) =>
  fc
    .array(fc.integer({ min: least, max: 9 }), { minLength: levelCount, maxLength: levelCount })
    .filter((parts) => parts.some((part) => part > 0))
    .map((parts) => {
      const sum = parts.reduce((total, part) => total + part, 0);
      return parts.map((part) => part / sum);
    });
const outcome = fc.integer({ min: -800, max: 800 }).map((whole) => whole / 64);
const row = fc
  .record({
    learner: fc.constantFrom("a", "b", "c", "d", "e"),
    level: fc.integer({ min: 0, max: levelCount - 1 }).map((level) => level as SupportLevel),
    outcome,
    // A judged policy that wants every level leaves no log without weight.
    target: probabilities(1),
    logging: probabilities(1),
    predictions: fc.array(outcome, { minLength: levelCount, maxLength: levelCount }),
  })
  .map((one): LoggedChoice => ({ ...one, propensity: one.logging[one.level] }));
const log = fc.array(row, { minLength: 1, maxLength: 30 });
const evaluate = (rows: readonly LoggedChoice[], options: Partial<OffPolicyOptions> = {}) =>
  evaluateOffPolicy(rows, { seed: 1, resamples: 5, ...options });

describe("what holds for every log", () => {
  test("where the judged policy is the logging policy, IPS is the mean, and every row counts in full", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const result = evaluate(rows.map((one) => ({ ...one, target: one.logging as readonly number[] })));
        assert.deepEqual(estimateOf(result, "ips"), estimateOf(result, "onPolicy"));
        near(estimatedValue(result, "snips"), estimatedValue(result, "onPolicy"));
        near(result.support.effectiveRows, rows.length);
        assert.ok(!result.warnings.some(({ code }) => code === "mean_weight_off"));
      }),
    );
  });

  test("a perfect outcome model makes DR exact, whatever was logged", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const perfect = rows.map((one) => ({ ...one, outcome: one.predictions?.[one.level] as number }));
        const result = evaluate(perfect);
        const truth =
          perfect.reduce(
            (sum, { target, predictions = [] }) =>
              sum + target.reduce((part, share, level) => part + share * (predictions[level] as number), 0),
            0,
          ) / rows.length;
        for (const name of ["doublyRobust", "switchDr", "selfNormalisedDr"] as const)
          near(estimatedValue(result, name), truth);
      }),
    );
  });

  test("a model that expects nothing makes DR IPS, and self-normalised DR SNIPS", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const result = evaluate(rows.map((one) => ({ ...one, predictions: [0, 0, 0, 0, 0, 0] })));
        assert.deepEqual(estimateOf(result, "doublyRobust"), estimateOf(result, "ips"));
        assert.deepEqual(estimateOf(result, "selfNormalisedDr"), estimateOf(result, "snips"));
      }),
    );
  });

  test("a constant added to outcomes moves SNIPS by it, and DR where the model moves too; IPS by the mean weight times it", () => {
    fc.assert(
      fc.property(log, outcome, (rows, shift) => {
        const before = evaluate(rows, { switchAt: 1 });
        const after = evaluate(
          rows.map((one) => ({
            ...one,
            outcome: one.outcome + shift,
            predictions: one.predictions?.map((prediction) => prediction + shift),
          })),
          { switchAt: 1 },
        );
        for (const name of estimatorNames.filter((one) => one !== "ips" && one !== "clippedIps"))
          near(estimatedValue(after, name), estimatedValue(before, name) + shift, 1e-9);
        near(
          estimatedValue(after, "ips"),
          estimatedValue(before, "ips") + shift * before.support.meanWeight.value,
          1e-9,
        );
      }),
    );
  });

  test("SNIPS stays within the outcomes seen", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const outcomes = rows.map((one) => one.outcome);
        const value = estimatedValue(evaluate(rows), "snips");
        assert.ok(value >= Math.min(...outcomes) - 1e-9 && value <= Math.max(...outcomes) + 1e-9);
      }),
    );
  });

  test("switch-DR reaches from the direct method to DR, clipped IPS up to IPS", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const none = evaluate(rows, { switchAt: 0 });
        assert.deepEqual(estimateOf(none, "switchDr"), estimateOf(none, "directMethod"));
        const most = none.support.largestWeight;
        const all = evaluate(rows, { switchAt: most, clipAt: most });
        assert.deepEqual(estimateOf(all, "switchDr"), estimateOf(all, "doublyRobust"));
        assert.deepEqual(estimateOf(all, "clippedIps"), estimateOf(all, "ips"));
      }),
    );
  });

  test("the order of rows and the names of learners do not matter", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const before = evaluate(rows);
        const after = evaluate(rows.map((one) => ({ ...one, learner: `${one.learner}!` })).reverse());
        for (const name of estimatorNames) {
          near(estimatedValue(after, name), estimatedValue(before, name), 1e-9);
          near(estimateOf(after, name).standardError ?? 0, estimateOf(before, name).standardError ?? 0, 1e-9);
        }
      }),
    );
  });

  test("effective rows are between 1 and all", () => {
    const weights = fc.array(fc.double({ min: 0, max: 1e200, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(weights, (list) => {
        const effective = countEffective(Float64Array.from(list));
        if (list.every((weight) => weight === 0)) assert.equal(effective, 0);
        else assert.ok(effective >= 1 - 1e-9 && effective <= list.length + 1e-9, `${effective}`);
      }),
    );
  });

  test("the result is JSON, and the same seed gives the same", () => {
    fc.assert(
      fc.property(log, (rows) => {
        const result = evaluate(rows);
        assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
        assert.deepEqual(evaluate(rows), result);
        assert.doesNotMatch(renderOffPolicy(result), /NaN|undefined|Infinity/);
      }),
    );
  });
});

describe("what a log cannot say is not said", () => {
  const [first] = worked as [LoggedChoice];
  const codesOf = ({ warnings }: OffPolicyResult) => warnings.map(({ code }) => code);

  test("without predictions, estimators that need a model are skipped with the reason", () => {
    const result = evaluate(worked.map(({ predictions, ...others }) => others));
    for (const name of ["directMethod", "doublyRobust", "switchDr", "selfNormalisedDr"] as const)
      assert.ok(isSkipped(result.estimates[name]));
    assert.ok(isSkipped(result.switching));
    near(estimatedValue(result, "ips"), 11 / 8);
    assert.match(renderOffPolicy(result), /^switch-DR: skipped, the log has no predictions/m);
  });

  test("where no logged level is wanted, only the model speaks", () => {
    const result = evaluate(worked.map((one) => ({ ...one, target: [0, 0, 0, 0, 0, 1] })));
    for (const name of [
      "ips",
      "clippedIps",
      "snips",
      "doublyRobust",
      "switchDr",
      "selfNormalisedDr",
    ] as const)
      assert.ok(isSkipped(result.estimates[name]), name);
    near(estimatedValue(result, "directMethod"), 0);
    assert.equal(result.support.effectiveRows, 0);
    assert.equal(result.support.neverLoggedMass, 1);
    assert.deepEqual(codesOf(result), [
      "few_learners",
      "low_effective_size",
      "levels_never_logged",
      "mean_weight_off",
    ]);
  });

  test("a single learner gives values and no intervals", () => {
    const result = evaluate(worked.map((one) => ({ ...one, learner: "ada" })));
    for (const name of estimatorNames) {
      const { standardError, linearised, bootstrap } = estimateOf(result, name);
      assert.deepEqual([standardError, linearised, bootstrap], [null, null, null]);
    }
    assert.match(result.warnings[0]?.message ?? "", /there is no interval/);
  });

  test("where a resample holds no weight, self-normalised estimators have no bootstrap interval", () => {
    const wanted = [1, 0, 0, 0, 0, 0];
    const rows = [first, { ...first, learner: "ben", level: 1 as const }].map((one) => ({
      ...one,
      target: wanted,
    }));
    const result = evaluate(rows, { resamples: 50 });
    assert.equal(estimateOf(result, "snips").bootstrap, null);
    assert.equal(estimateOf(result, "selfNormalisedDr").bootstrap, null);
    assert.notEqual(estimateOf(result, "ips").bootstrap, null);
    const warning = result.warnings.find(({ code }) => code === "undefined_resamples");
    assert.match(warning?.message ?? "", /snips, selfNormalisedDr have/);
  });

  test("heavy weights, few effective rows and impossible levels are warned of, at limits that can be set", () => {
    const logging = [0.02, 0.98, 0, 0, 0, 0];
    const target = [0.9, 0.05, 0.05, 0, 0, 0];
    const rows = Array.from(
      { length: 50 },
      (_, i): LoggedChoice => ({ learner: `${i}`, level: i === 0 ? 0 : 1, outcome: 1, target, logging }),
    );
    const result = evaluate(rows);
    assert.equal(result.support.rowsOverLimit, 1);
    near(result.support.unsupportedMass ?? 0, 0.05);
    assert.deepEqual(codesOf(result), [
      "low_effective_size",
      "large_weights",
      "levels_never_logged",
      "levels_unsupported",
    ]);
    const limits = { effectiveShare: 0, weight: 45, unsupportedMass: 0.06, learners: 50 };
    assert.deepEqual(codesOf(evaluate(rows, { limits })), []);
  });

  test("propensities that cannot be right show in the mean weight", () => {
    const rows = Array.from(
      { length: 60 },
      (_, i): LoggedChoice => ({
        learner: `${i}`,
        level: i % 2 === 0 ? 0 : 1,
        // True ones are 1/2; the mean weight is then 0.91, almost four standard errors from 1.
        propensity: 0.55,
        outcome: 1,
        target: [0.6, 0.4, 0, 0, 0, 0],
      }),
    );
    assert.deepEqual(codesOf(evaluate(rows)), ["mean_weight_off"]);
  });

  test("sums that run out of range are refused", () => {
    const rows = worked.map((one) => ({ ...one, outcome: one.outcome * 1e300 }));
    assert.throws(() => evaluate(rows), {
      code: "DATA_INVALID",
      message: /for onPolicy; scale outcomes down/,
    });
  });
});

describe("the switch", () => {
  test("where the logging policy is known and hardly ever makes a choice, a freak row is left to the model", () => {
    const rows = Array.from({ length: 200 }, (_, i): LoggedChoice => {
      const freak = i === 0;
      return {
        learner: `${i}`,
        level: freak ? 1 : 0,
        outcome: freak ? 1 : i % 2,
        target: [0.99, 0.01, 0, 0, 0, 0],
        logging: [0.9999, 0.0001, 0, 0, 0, 0],
        predictions: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      };
    });
    const { switching, support } = evaluate(rows);
    assert.ok(!isSkipped(switching));
    assert.ok(switching.chosen && switching.at < support.largestWeight, `${switching.at}`);
    near(switching.massAbove, 0.01);
    near(switching.biasBound, 0.01);
  });

  test("mass that matters is not given up: τ is the largest weight, and switch-DR is DR", () => {
    const result = evaluateOffPolicy(worked, { seed: 1 });
    assert.ok(!isSkipped(result.switching));
    assert.equal(result.switching.at, 3);
    assert.deepEqual(estimateOf(result, "switchDr"), estimateOf(result, "doublyRobust"));
  });
});
