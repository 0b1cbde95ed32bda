import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../base/random.js";
import type { EncoderConfig } from "../encoder-config.js";
import { listEncoderParameters } from "../encoder-parameters.js";
import { listHeadParameters } from "../heads.js";
import { encodeInference, type Precision } from "../inference.js";
import { initializeParameters } from "../parameter.js";
import { cutPositions, fillPositions } from "../position-table.js";
import type { RoundingOptions } from "./quantized-parameters.js";
import { readStoredWeights } from "./stored-weights.js";

const config: EncoderConfig = {
  type: "mpnet",
  layers: 2,
  hidden: 24,
  heads: 2,
  intermediate: 40,
  vocabularySize: 50,
  maxPositions: 20,
  typeVocabularySize: 0,
  layerNormEpsilon: 1e-5,
  hiddenActivation: "gelu",
  padTokenId: 1,
  positionOffset: 2,
  relativeAttentionBuckets: 8,
};
const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)];
const weights = initializeParameters(specs, Random.seeded(5));
const random = Random.seeded(6);
// Biases and norms begin alike: told apart, a constant taken for another would show.
for (const values of weights.values())
  if (new Set(values).size === 1) for (let i = 0; i < values.length; i++) values[i] = random.normal();

function write(arrays: ReadonlyMap<string, Float32Array>, precision: Precision, options?: RoundingOptions) {
  const whole = cutPositions({ config, parameters: specs, weights: arrays }, 12);
  return encodeInference(whole.config, whole.parameters, whole.weights, precision, options).bytes;
}

/** The weights as read back, the position table filled up with the rows that were cut off. */
function readBack(model: Uint8Array): Map<string, Float32Array> {
  return fillPositions(readStoredWeights(model, specs), weights);
}

describe("weights read back from an exported model", () => {
  test("are those that were exported, in fp32", () => {
    assert.deepEqual(readBack(write(weights, "fp32")), weights);
  });

  test("are what 8 bits left of them, and give the same file again", () => {
    const model = write(weights, "int8");
    const stored = readBack(model);
    for (const { name } of specs) {
      const was = weights.get(name) ?? new Float32Array(0);
      const is = stored.get(name) ?? new Float32Array(0);
      const largest = was.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      is.forEach((x, i) => {
        assert.ok(Math.abs(x - (was[i] as number)) < largest / 100, `${name}[${i}]: ${x}, was ${was[i]}`);
      });
    }
    assert.deepEqual(write(stored, "int8"), model);
  });

  test("a word table of 4 bits comes back as its rows are looked up, of whatever width", () => {
    const is = readBack(write(weights, "int8", { wordBits: 4 })).get("embeddings.word") ?? [];
    const was = weights.get("embeddings.word") ?? new Float32Array(0);
    assert.equal(is.length, was.length);
    const norm = (of: (i: number) => number): number => Math.hypot(...Array.from(was, (_, i) => of(i)));
    const error = norm((i) => (is[i] as number) - (was[i] as number)) / norm((i) => was[i] as number);
    assert.ok(error > 0.01 && error < 0.12, `relative error ${error}`);
  });

  test("another encoder's model, and bytes that are none, are refused by name", () => {
    const deeper = listEncoderParameters({ ...config, layers: 3, vocabularySize: 51 });
    assert.throws(() => readStoredWeights(write(weights, "int8"), deeper), {
      code: "WEIGHTS_MISMATCH",
      message: /embeddings\.word \(1200 numbers, not 1224\), layer\.2\.query\.weight.*same base/,
    });
    assert.throws(() => readStoredWeights(Uint8Array.of(9, 9, 9), specs), { code: "MODEL_FILE" });
    assert.throws(() => readStoredWeights(write(weights, "fp32").subarray(0, 900), specs), {
      code: "MODEL_FILE",
    });
  });
});
