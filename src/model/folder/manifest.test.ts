import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { productLabels, sampleManifest } from "../../../test/fixtures/manifest.js";
import { parseManifest } from "./manifest.js";

const record = { sha256: "0".repeat(64), bytes: 1 };
const files = { "model.onnx": record, "tokenizer.json": record, "README.md": record };
const sample = { ...sampleManifest, files };
const swapped = [...sample.heads.emotion.labels];
[swapped[3], swapped[4]] = [swapped[4] ?? "", swapped[3] ?? ""];

const { calibration, heads, training } = sample;
const cases: [what: string, code: string, json: unknown, message: RegExp][] = [
  ["a newer format", "MODEL_VERSION", { ...sample, formatVersion: 2 }, /version 1, got 2; update Attune/],
  [
    "an older format",
    "MODEL_VERSION",
    { ...sample, formatVersion: 0 },
    /version 1, got 0; export the model again/,
  ],
  ["a file that is not a manifest", "MODEL_FILE", [], /m\.json: expected a model manifest/],
  ["no version at all", "MODEL_FILE", { ...sample, formatVersion: undefined }, /formatVersion/],
  ["a field left out", "MODEL_FILE", { ...sample, training: undefined }, /training/],
  ["a field unknown", "MODEL_FILE", { ...sample, colour: "red" }, /colour/],
  ["a date that is none", "MODEL_FILE", { ...sample, created: "yesterday" }, /created/],
  [
    "a hash that is none",
    "MODEL_FILE",
    { ...sample, files: { ...files, "README.md": { ...record, sha256: "x" } } },
    /files\.README\.md\.sha256/,
  ],
  [
    "a file not recorded",
    "MODEL_FILE",
    { ...sample, files: { "model.onnx": record } },
    /no tokenizer\.json, no README\.md/,
  ],
  [
    "a file outside the folder",
    "MODEL_FILE",
    { ...sample, files: { ...files, "../secret": record } },
    /files\.\.\.\/secret: expected a plain file name/,
  ],
  [
    "a part that has another file's name",
    "MODEL_FILE",
    {
      ...sample,
      files: {
        ...files,
        "model.onnx": { ...record, bytes: 2, parts: [record, record] },
        "model.onnx.1": record,
      },
    },
    /files\.model\.onnx\.parts: expected no other file by the name of a part, model\.onnx\.1/,
  ],
  [
    "a temperature of 0",
    "MODEL_FILE",
    { ...sample, calibration: { ...calibration, temperatures: { emotion: 0, goemotions: 1, support: 1 } } },
    /calibration\.temperatures\.emotion/,
  ],
  [
    "a figure that is NaN",
    "MODEL_FILE",
    { ...sample, training: { ...training, figures: { f1: Number.NaN } } },
    /training\.figures\.f1/,
  ],
  [
    "27 thresholds",
    "MODEL_SHAPE",
    {
      ...sample,
      calibration: {
        ...calibration,
        thresholds: { global: 0.3, perLabel: calibration.thresholds.perLabel.slice(1) },
      },
    },
    /28 goemotions thresholds, got 27/,
  ],
  [
    "42 emotions",
    "MODEL_SHAPE",
    { ...sample, heads: { ...heads, emotion: { labels: [...heads.emotion.labels, "zeal"] } } },
    /41 emotion labels, got 42/,
  ],
  [
    "a label twice",
    "MODEL_LABELS",
    {
      ...sample,
      heads: {
        ...heads,
        support: { labels: ["none", "none", "mild", "moderate", "significant", "critical"] },
      },
    },
    /support.*none twice/,
  ],
  [
    "labels in another order",
    "MODEL_LABELS",
    { ...sample, heads: { ...heads, emotion: { labels: swapped } } },
    /emotion.*label 3 to be fear, got surprise/,
  ],
  [
    "axes in another order",
    "MODEL_LABELS",
    { ...sample, heads: { ...heads, pad: { labels: ["arousal", "pleasure", "dominance"] } } },
    /pad.*label 0 to be pleasure, got arousal/,
  ],
];

describe("parseManifest", () => {
  test("a whole manifest passes unchanged", () => {
    assert.deepEqual(parseManifest(JSON.parse(JSON.stringify(sample)), "m.json", productLabels), sample);
  });

  test("without agreement too, as fp32 has none", () => {
    const { agreement: _, ...rest } = sample;
    assert.deepEqual(parseManifest(rest, "m.json"), rest);
  });

  test("with a limit of familiarity too, whose table must be whole", () => {
    const limited = (letters: string): unknown => {
      const familiarity = { maxSurprise: 2.5, table: { words: "the of", commonShare: 0.5, letters } };
      const uncertainty = { ...calibration.uncertainty, familiarity };
      return { ...sample, calibration: { ...calibration, uncertainty } };
    };
    const whole = limited("Q".repeat(28 ** 3));
    assert.deepEqual(parseManifest(whole, "m.json"), whole);
    for (const letters of ["Q", `${"Q".repeat(28 ** 3 - 1)}~`]) {
      assert.throws(() => parseManifest(limited(letters), "m.json"), {
        code: "MODEL_FILE",
        message: /letters/,
      });
    }
  });

  test("labels nobody expects anything of are not compared", () => {
    assert.doesNotThrow(() =>
      parseManifest({ ...sample, heads: { ...heads, emotion: { labels: swapped } } }, "m.json"),
    );
  });

  test("a taxonomy of another length is told by its first difference", () => {
    const shorter = { emotion: heads.emotion.labels.slice(0, 40) };
    assert.throws(() => parseManifest(sample, "m.json", shorter), {
      code: "MODEL_LABELS",
      message: /label 40 to be absent, got/,
    });
  });

  for (const [what, code, json, message] of cases) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parseManifest(json, "m.json", productLabels), { code, message });
    });
  }
});
