import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { fitLogistic, scoreLogistic } from "./logistic-regression.js";

describe("fitLogistic", () => {
  test("finds the weights that made the data, and leaves alone what is always 0", () => {
    const random = Random.seeded(5);
    const rows = Array.from({ length: 20_000 }, () => [random.normal(), random.normal(), 0]);
    const truth = [0.8, -0.5, 0, 0.3];
    const truths = rows.map((row) =>
      random.float() < 1 / (1 + Math.exp(-scoreLogistic(truth, row))) ? 1 : 0,
    );
    const found = fitLogistic(rows, truths);
    for (const [i, weight] of truth.entries()) {
      assert.ok(Math.abs((found[i] as number) - weight) < 0.06, `weight ${i}: ${found[i]} for ${weight}`);
    }
    assert.equal(found[2], 0);
  });
});
