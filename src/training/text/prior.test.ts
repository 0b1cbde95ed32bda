import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Example } from "../../data/example.js";
import type { Dataset } from "./dataset.js";
import { priorBias } from "./prior.js";
import type { TargetOptions } from "./target.js";

const options: TargetOptions = {
  heads: ["emotion", "readiness", "goemotions"],
  alsoShare: 0,
  labelSmoothing: 0,
  labelShares: { emotion: 1, goemotions: 1, pad: 1, emobank: 1, readiness: 1, support: 1 },
};
const row = (labels: Partial<Example>): Example => ({ id: "", text: "", split: "train", ...labels });
const dataset = (train: Example[], weights = train.map(() => 1)): Dataset => ({
  train,
  weights: Float64Array.from(weights),
  validation: [],
  corpora: [],
});
const near = (a: number | undefined, b: number): void =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) < 1e-5, `${a}, not ${b}`);

describe("first biases", () => {
  test("a softmax head begins with the logarithm of each class's share", () => {
    const classes = [3, 3, 3, 5].map((primary) => row({ emotion: { primary, also: [] } }));
    const bias = priorBias("emotion", dataset(classes), options);
    near(bias?.[3], Math.log(0.75));
    near(bias?.[5], Math.log(0.25));
    near(bias?.[0], Math.log(1e-3)); // never seen, and yet possible
  });

  test("a sigmoid head begins with the logit of the mean, rows counted as often as they are drawn", () => {
    const bias = priorBias(
      "readiness",
      dataset([row({ readiness: 0.2 }), row({ readiness: 0.8 }), row({})], [1, 3, 9]),
      options,
    );
    near(bias?.[0], Math.log(0.65 / 0.35));
    const labels = priorBias(
      "goemotions",
      dataset([row({ goemotions: [2] }), row({ goemotions: [] })]),
      options,
    );
    near(labels?.[2], 0);
    near(labels?.[7], Math.log(1e-3 / (1 - 1e-3)));
  });

  test("a head without labels keeps what it has", () => {
    assert.equal(priorBias("readiness", dataset([row({ support: 1 })]), options), undefined);
  });
});
