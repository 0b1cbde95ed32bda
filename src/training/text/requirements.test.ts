import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Example } from "../../data/example.js";
import { parseExperiment } from "../experiment.js";
import type { Dataset } from "./dataset.js";
import { requireTrainable } from "./requirements.js";

const row = (labels: Partial<Example>): Example => ({ id: "", text: "", split: "train", ...labels });
const corpus = {
  name: "mine",
  trainRows: 1,
  validationRows: 1,
  badRows: [],
  duplicatesRemoved: 0,
  sha256: "",
};
const dataset = (train: Example[], validation: Example[]): Dataset => ({
  train,
  weights: Float64Array.from(train, () => 1),
  validation,
  corpora: [corpus],
});
const experiment = (changes: Record<string, unknown>) =>
  parseExperiment(
    { name: "x", base: "minilm", corpora: [{ name: "learner" }], epochs: 1, ...changes },
    "test",
  );
const felt = row({ emotion: { primary: 0, also: [] } });

describe("what a run needs of its data", () => {
  test("labels for each head and figures to choose by", () => {
    requireTrainable(experiment({ heads: ["emotion"] }), dataset([felt], [felt]));
    requireTrainable(
      experiment({ heads: ["readiness"], selectBy: "readiness.r" }),
      dataset([row({ readiness: 1 })], [row({ readiness: 0 })]),
    );
  });

  test("rows to train and to validate on", () => {
    for (const [train, validation, split] of [
      [[], [felt], "training"],
      [[felt], [], "validation"],
    ] as const) {
      assert.throws(
        () => requireTrainable(experiment({ heads: ["emotion"] }), dataset([...train], [...validation])),
        {
          code: "DATA_INVALID",
          message: new RegExp(`expected ${split} rows in mine, got none`),
        },
      );
    }
  });

  test("a head nobody teaches is refused, unless its loss counts nothing", () => {
    assert.throws(
      () =>
        requireTrainable(experiment({ heads: ["emotion", "goemotions", "pad"] }), dataset([felt], [felt])),
      {
        code: "CONFIG_INVALID",
        message: /got none for goemotions, pad in mine; leave them out/,
      },
    );
    const lossWeights = { goemotions: 0 };
    requireTrainable(experiment({ heads: ["emotion", "goemotions"], lossWeights }), dataset([felt], [felt]));
  });

  test("a figure that will not be measured is refused with those that will", () => {
    const data = dataset([felt], [felt]);
    assert.throws(() => requireTrainable(experiment({ heads: ["emotion"], selectBy: "emotion.f1" }), data), {
      code: "CONFIG_INVALID",
      message: /^selectBy: expected .*emotion\.accuracy, emotion\.macroF1, combined\), got emotion\.f1/,
    });
    const earlyStopping = { figure: "readiness.r", patience: 2 };
    assert.throws(() => requireTrainable(experiment({ heads: ["emotion"], earlyStopping }), data), {
      code: "CONFIG_INVALID",
      message: /^earlyStopping\.figure: .* got readiness\.r/,
    });
  });
});
