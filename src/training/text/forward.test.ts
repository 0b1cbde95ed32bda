import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../base/random.js";
import type { EncoderConfig } from "../../model/encoder-config.js";
import { listEncoderParameters } from "../../model/encoder-parameters.js";
import { listHeadParameters } from "../../model/heads.js";
import { encodeInference } from "../../model/inference.js";
import { initializeParameters } from "../../model/parameter.js";
import { Session } from "../../runtime/session.js";
import { computeLogits } from "./forward.js";

describe("logits of many rows", () => {
  const config: EncoderConfig = {
    type: "bert",
    vocabularySize: 30,
    hidden: 16,
    layers: 1,
    heads: 2,
    intermediate: 32,
    maxPositions: 40,
    positionOffset: 0,
    typeVocabularySize: 0,
    layerNormEpsilon: 1e-12,
    hiddenActivation: "gelu",
    padTokenId: 0,
  };
  const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)];
  const model = encodeInference(config, specs, initializeParameters(specs, Random.seeded(1)), "fp32").bytes;
  const rows = Array.from({ length: 70 }, (_, i) =>
    Int32Array.from({ length: 3 + ((i * 13) % 30) }, (_, j) => 1 + ((i + j) % 29)),
  );

  test("come back in the order of the rows, though these run sorted by length", async () => {
    const session = await Session.open(model, { threads: 1 });
    try {
      const all = await computeLogits(session, {}, rows, 0);
      for (const i of [0, 1, 37, 69]) {
        const [alone] = await computeLogits(session, {}, [rows[i] as Int32Array], 0);
        alone?.emotion.forEach((value, at) => {
          assert.ok(Math.abs(value - (all[i]?.emotion[at] ?? Number.NaN)) < 1e-5, `row ${i}`);
        });
        assert.equal(alone?.support.length, 6);
      }
    } finally {
      await session.close();
    }
  });

  test("are given up between batches when told to", async () => {
    const session = await Session.open(model, { threads: 1 });
    try {
      let asked = 0;
      assert.equal(await computeLogits(session, {}, rows, 0, () => ++asked < 2), undefined);
      assert.equal(asked, 2);
    } finally {
      await session.close();
    }
  });
});
