/** @file The count of a step's operations, held against the products that the training graph really has. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { headNames, headSizes } from "../src/base/head.js";
import type { EncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { listHeadParameters } from "../src/model/heads.js";
import { isFrozen } from "../src/training/text/base.js";
import { buildTrainingNetwork } from "../src/training/text/network.js";
import type { TrainedParameter } from "../src/training/trained-parameter.js";
import { countStepFlops } from "./gemm.js";
import type { Freeze } from "./training-step.js";

const size = 8;

/** With as many tokens as hidden units, all products of the encoder cost the same, those of attention included. */
const mpnet: EncoderConfig = {
  type: "mpnet",
  vocabularySize: 11,
  hidden: size,
  layers: 3,
  heads: 2,
  intermediate: size,
  maxPositions: size + 2,
  typeVocabularySize: 0,
  layerNormEpsilon: 1e-5,
  hiddenActivation: "gelu",
  relativeAttentionBuckets: 8,
  padTokenId: 1,
  positionOffset: 2,
};

function freezeParameters(config: EncoderConfig, freeze: Freeze): TrainedParameter[] {
  const parameters = [...listEncoderParameters(config), ...listHeadParameters(size)];
  return parameters.map((spec) => ({ ...spec, frozen: isFrozen(spec.name, freeze) }));
}

/** Products in an ONNX model: nodes say their operator in field 4, a byte of length before the text. */
function countProducts(model: Uint8Array): number {
  const bytes = Buffer.from(model);
  return ["\x22\x04Gemm", "\x22\x06MatMul"].reduce((sum, field) => {
    let count = 0;
    for (let at = bytes.indexOf(field); at >= 0; at = bytes.indexOf(field, at + 1)) count++;
    return sum + count;
  }, 0);
}

const freezes: readonly Freeze[] = [
  { embeddings: false, layers: 0 },
  { embeddings: true, layers: 0 },
  { embeddings: false, layers: 2 },
  { embeddings: true, layers: 2 },
  { embeddings: true, layers: 3 },
];

for (const freeze of freezes) {
  test(`the operations counted are the graph's products: ${JSON.stringify(freeze)}`, () => {
    const parameters = freezeParameters(mpnet, freeze);
    const { model } = buildTrainingNetwork({
      config: mpnet,
      parameters,
      heads: headNames,
      lossWeights: { emotion: 1, goemotions: 1, pad: 1, emobank: 1, readiness: 1, support: 1 },
      dropout: { pooled: 0, hidden: 0, attention: 0 },
    });
    const batch = 5;
    // Forward, for the weights, and for the pooled vector where anything of the encoder is trained.
    const passes = freeze.embeddings && freeze.layers === mpnet.layers ? 2 : 3;
    const logits = headNames.reduce((sum, head) => sum + headSizes[head], 0);
    const inEncoder = countProducts(model) - passes * headNames.length;
    const expected = inEncoder * 2 * batch * size ** 3 + passes * 2 * batch * size * logits;
    assert.equal(countStepFlops(mpnet, parameters, batch, size), expected);
  });
}

test("all weights trained, a step costs three times its forward", () => {
  const parameters = freezeParameters(mpnet, { embeddings: false, layers: 0 });
  const forward = 3 * (6 + 2) * 2 * 5 * size ** 3 + 2 * 5 * size * 82;
  assert.equal(countStepFlops(mpnet, parameters, 5, size), 3 * forward);
});
