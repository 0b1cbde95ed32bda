import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import { fitPlattScaling } from "./platt.js";

describe("fitPlattScaling", () => {
  test("finds the scaling that made the data", () => {
    const random = Random.seeded(3);
    const logits = Array.from({ length: 20_000 }, () => 2 * random.normal());
    const truths = logits.map((z) => (random.float() < 1 / (1 + Math.exp(-(0.6 * z - 0.8))) ? 1 : 0));
    const { slope, intercept } = fitPlattScaling(logits, truths);
    assert.ok(Math.abs(slope - 0.6) < 0.04 && Math.abs(intercept + 0.8) < 0.06, `${slope} ${intercept}`);
  });

  test("stays finite on separable data and positive on reversed ones", () => {
    const separable = fitPlattScaling([-1, -0.5, 0.5, 1], [0, 0, 1, 1]);
    assert.ok(separable.slope > 0 && separable.slope < 100);
    assert.ok(fitPlattScaling([-1, -0.5, 0.5, 1], [1, 1, 0, 0]).slope > 0);
  });

  test("refuses rows that are all alike and logits that are no numbers", () => {
    const invalid = (message: RegExp) => (error: unknown) =>
      error instanceof AppError && error.code === "DATA_INVALID" && message.test(error.message);
    assert.throws(() => fitPlattScaling([1, 2], [1, 1]), invalid(/got 2 of 2/));
    assert.throws(() => fitPlattScaling([1, Number.NaN], [1, 0]), invalid(/NaN in row 1/));
  });
});
