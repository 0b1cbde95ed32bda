import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkChoices, type LoggedChoice } from "./logged-choice.js";
import { evaluateOffPolicy, type OffPolicyOptions } from "./off-policy.js";

const even = [0.25, 0.25, 0.5, 0, 0, 0];
const sound: LoggedChoice = { learner: "ada", level: 2, propensity: 0.5, outcome: 1, target: even };

/** Refused with this message, the second of three rows being wrong as stated. */
function refuses(wrong: Record<string, unknown>, message: RegExp, base: LoggedChoice = sound): void {
  const rows = [base, { ...base, ...wrong }, base] as readonly LoggedChoice[];
  assert.throws(() => checkChoices(rows, "refuse"), { code: "DATA_INVALID", message });
}

describe("a log is checked before it is used", () => {
  test("each wrong field is named with its row", () => {
    refuses(
      { learner: "" },
      /rows\[1\]\.learner: expected a text that tells learners apart, got an empty one/,
    );
    refuses({ learner: 7 }, /rows\[1\]\.learner: .* got 7/);
    refuses({ level: 6 }, /rows\[1\]\.level: expected a whole number from 0 to 5, got 6/);
    refuses({ level: 1.5 }, /rows\[1\]\.level/);
    refuses({ outcome: Number.NaN }, /rows\[1\]\.outcome: expected a finite number, got NaN/);
    refuses({ outcome: "1" }, /rows\[1\]\.outcome: expected a finite number, got string/);
    refuses({ target: [0.5, 0.5] }, /rows\[1\]\.target: expected 6 numbers, one a level, got a list of 2/);
    refuses(
      { target: [0.5, 0.4, 0, 0, 0, 0] },
      /rows\[1\]\.target: expected probabilities that sum to 1, got a sum of 0\.9/,
    );
    refuses(
      { target: [1.5, -0.5, 0, 0, 0, 0] },
      /rows\[1\]\.target: expected probabilities in \[0, 1\], got 1\.5 for level 0/,
    );
    refuses(
      { target: [Number.NaN, 1, 0, 0, 0, 0] },
      /rows\[1\]\.target: expected finite numbers, got NaN for level 0/,
    );
    const predictions = [1, 2, 3, 4, 5, 6];
    refuses({ predictions: [1, 2, 3, 4, 5, null] }, /rows\[1\]\.predictions: .* got null for level 5/, {
      ...sound,
      predictions,
    });
    refuses({ predictions }, /rows\[1\]\.predictions: expected none, as rows\[0\] has, got a list of 6/);
    refuses({ predictions: undefined }, /rows\[1\]\.predictions: expected some, as rows\[0\] has/, {
      ...sound,
      predictions,
    });
    refuses({ logging: even }, /rows\[1\]\.logging: expected none, as rows\[0\] has/);
  });

  test("a propensity is in (0, 1], leaves the weight finite and agrees with the logging policy", () => {
    for (const propensity of [0, -0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, "0.5"])
      refuses({ propensity }, /rows\[1\]\.propensity: expected a number in \(0, 1\]/);
    refuses({ propensity: 1e-310 }, /rows\[1\]\.propensity: expected one that leaves the weight .* finite/);
    refuses(
      { propensity: 0.4 },
      /rows\[1\]\.propensity: expected 0\.5, as logging has it for level 2, got 0\.4/,
      { ...sound, logging: even },
    );
    assert.equal(checkChoices([{ ...sound, propensity: 1 }], "refuse").choices[0]?.propensity, 1);
  });

  test("a missing propensity is taken from the logging policy's probabilities", () => {
    const { choices, leftOut } = checkChoices([{ ...sound, propensity: undefined, logging: even }], "refuse");
    assert.equal(choices[0]?.propensity, 0.5);
    assert.equal(leftOut, 0);
  });

  test("rows without a propensity are left out only when asked, and counted; wrong ones never", () => {
    const rows = [sound, { ...sound, propensity: 0 }, { ...sound, propensity: undefined }];
    assert.throws(() => checkChoices(rows, "refuse"), { code: "DATA_INVALID" });
    const { choices, leftOut } = checkChoices(rows, "leave_out");
    assert.deepEqual([choices.length, leftOut], [1, 2]);
    const result = evaluateOffPolicy(rows, { seed: 1, unusable: "leave_out" });
    assert.deepEqual([result.rows, result.leftOut, result.warnings[0]?.code], [1, 2, "left_out"]);
    assert.match(result.warnings[0]?.message ?? "", /2 rows \(66\.7 %\)/);
    assert.throws(() => checkChoices([{ ...sound, propensity: 2 }], "leave_out"), { code: "DATA_INVALID" });
    assert.throws(() => checkChoices([{ ...sound, propensity: 0 }], "leave_out"), {
      code: "DATA_INVALID",
      message: /expected rows with a propensity, got none of 1/,
    });
  });

  test("no rows and rows that are none are refused", () => {
    assert.throws(() => checkChoices([], "refuse"), { code: "DATA_INVALID" });
    const rows = [sound, null, "row"] as unknown as readonly LoggedChoice[];
    assert.throws(() => checkChoices(rows, "refuse"), {
      message:
        /rows\[1\]: expected a logged choice, got null; rows\[2\]: expected a logged choice, got string/,
    });
    assert.throws(() => checkChoices([null] as unknown as readonly LoggedChoice[], "refuse"), {
      code: "DATA_INVALID",
    });
  });

  test("three faults are written out, others counted; no learner is named", () => {
    const rows = Array.from({ length: 5 }, () => ({ ...sound, outcome: Number.NaN }));
    assert.throws(
      () => checkChoices(rows, "refuse"),
      (error: Error) => {
        assert.match(error.message, /rows\[0\].*rows\[1\].*rows\[2\].* and 2 more; correct the log/);
        assert.doesNotMatch(error.message, /rows\[3\]|ada/);
        return true;
      },
    );
  });

  test("options are checked", () => {
    const wrong: readonly Partial<OffPolicyOptions>[] = [
      { seed: 0.5 },
      { resamples: 0 },
      { clipAt: 0 },
      { clipAt: Number.POSITIVE_INFINITY },
      { switchAt: -1 },
      { switchAt: Number.NaN },
      { limits: { weight: Number.NaN } },
    ];
    for (const options of wrong)
      assert.throws(() => evaluateOffPolicy([sound], { seed: 1, ...options }), {
        code: "CONFIG_INVALID",
        message: new RegExp(`expected .*${Object.keys(options)[0]}`),
      });
  });
});
