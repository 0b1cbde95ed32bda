import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { Session } from "../runtime/session.js";
import type { EncoderConfig } from "./encoder-config.js";
import { listEncoderParameters } from "./encoder-parameters.js";
import { listHeadParameters } from "./heads.js";
import { encodeInference } from "./inference.js";
import { initializeParameters } from "./parameter.js";
import { cutPositions, type EncoderWeights } from "./position-table.js";

const mpnet: EncoderConfig = {
  type: "mpnet",
  vocabularySize: 50,
  hidden: 32,
  layers: 1,
  heads: 4,
  intermediate: 64,
  maxPositions: 34,
  positionOffset: 2,
  typeVocabularySize: 0,
  relativeAttentionBuckets: 32,
  layerNormEpsilon: 1e-5,
  hiddenActivation: "gelu",
  padTokenId: 1,
};
const bert: EncoderConfig = { ...mpnet, type: "bert", positionOffset: 0, typeVocabularySize: 2 };

function draw(config: EncoderConfig): EncoderWeights {
  const parameters = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)];
  return { config, parameters, weights: initializeParameters(parameters, Random.seeded(2)) };
}

/** Bytes of the model and what it says of a text of `tokens` tokens. */
async function answer({ config, parameters, weights }: EncoderWeights, tokens: number) {
  const { bytes } = encodeInference(config, parameters, weights, "fp32");
  const session = await Session.open(bytes, { threads: 1 });
  try {
    const dims = [1, tokens];
    const ids = BigInt64Array.from({ length: tokens }, (_, i) => BigInt(3 + i));
    const outputs = await session.run({
      input_ids: { type: "int64", dims, data: ids },
      attention_mask: { type: "int64", dims, data: new BigInt64Array(tokens).fill(1n) },
    });
    return { bytes: bytes.length, emotion: Array.from(outputs.emotion?.data as Float32Array) };
  } finally {
    await session.close();
  }
}

describe("a position table cut to the window", () => {
  for (const config of [mpnet, bert]) {
    test(`${config.type}: answers to the longest window stay the same to the bit`, async () => {
      const whole = draw(config);
      const cut = cutPositions(whole, 10);
      assert.equal(cut.config.maxPositions, 10 + config.positionOffset);
      const [before, after] = [await answer(whole, 10), await answer(cut, 10)];
      assert.deepEqual(after.emotion, before.emotion);
      const rows = config.maxPositions - cut.config.maxPositions;
      assert.ok(before.bytes - after.bytes >= rows * config.hidden * 4, `${before.bytes} to ${after.bytes}`);
      await assert.rejects(answer(cut, 11));
    });
  }

  test("a table no longer than the window is left as it is", () => {
    const whole = draw(bert);
    assert.equal(cutPositions(whole, 34), whole);
    assert.equal(cutPositions(whole, 100), whole);
  });
});
