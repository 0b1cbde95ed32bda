import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseEncoderConfig, readEncoderConfig } from "./encoder-config.js";

const bert = {
  model_type: "bert",
  architectures: ["BertModel"],
  hidden_act: "gelu",
  hidden_size: 384,
  intermediate_size: 1536,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  num_attention_heads: 12,
  num_hidden_layers: 6,
  pad_token_id: 0,
  position_embedding_type: "absolute",
  type_vocab_size: 2,
  vocab_size: 30522,
};
const mpnet = {
  model_type: "mpnet",
  hidden_act: "gelu",
  hidden_size: 768,
  intermediate_size: 3072,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 514,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  pad_token_id: 1,
  relative_attention_num_buckets: 32,
  vocab_size: 30527,
};
const miniLm = {
  type: "bert",
  vocabularySize: 30522,
  hidden: 384,
  layers: 6,
  heads: 12,
  intermediate: 1536,
  maxPositions: 512,
  typeVocabularySize: 2,
  layerNormEpsilon: 1e-12,
  hiddenActivation: "gelu",
  padTokenId: 0,
  positionOffset: 0,
};

describe("encoder config", () => {
  test("reads BERT", () => assert.deepEqual(parseEncoderConfig(bert, "config.json"), miniLm));

  test("reads MPNet: positions from 2, no token types, 32 buckets", () => {
    assert.deepEqual(parseEncoderConfig(mpnet, "config.json"), {
      type: "mpnet",
      vocabularySize: 30527,
      hidden: 768,
      layers: 12,
      heads: 12,
      intermediate: 3072,
      maxPositions: 514,
      typeVocabularySize: 0,
      layerNormEpsilon: 1e-5,
      hiddenActivation: "gelu",
      relativeAttentionBuckets: 32,
      padTokenId: 1,
      positionOffset: 2,
    });
  });

  test("fields older files leave out take their published defaults", () => {
    const { position_embedding_type: _, type_vocab_size: __, pad_token_id: ___, ...old } = bert;
    assert.deepEqual(parseEncoderConfig(old, "config.json"), miniLm);
  });

  const cases: [string, unknown, RegExp][] = [
    ["another family", { ...bert, model_type: "roberta" }, /model_type "roberta"/],
    [
      "another activation",
      { ...bert, hidden_act: "gelu_new" },
      /hidden_act "gelu_new" \(only the exact gelu/,
    ],
    [
      "relative positions in BERT",
      { ...bert, position_embedding_type: "relative_key" },
      /position_embedding_type "relative_key"/,
    ],
    ["a decoder", { ...bert, is_decoder: true }, /is_decoder true/],
    ["a missing size", { ...bert, hidden_size: undefined }, /hidden_size missing/],
    ["a size that is no count", { ...bert, num_hidden_layers: 2.5 }, /num_hidden_layers 2\.5/],
    ["heads that do not divide the width", { ...bert, num_attention_heads: 7 }, /multiple.*384 and 7/],
    ["a padding id outside the vocabulary", { ...bert, pad_token_id: 30522 }, /pad_token_id below/],
    ["another padding id in MPNet", { ...mpnet, pad_token_id: 0 }, /pad_token_id 0/],
    ["too few positions", { ...mpnet, max_position_embeddings: 2 }, /more than 2/],
    ["something else altogether", [1, 2], /expected a BERT or MPNet encoder/],
  ];
  for (const [what, json, message] of cases) {
    test(`refuses ${what}`, () => {
      assert.throws(() => parseEncoderConfig(json, "config.json"), { code: "CONFIG_INVALID", message });
    });
  }

  test("a folder without config.json, or with a broken one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "attune-config-"));
    await assert.rejects(readEncoderConfig(folder), { code: "MODEL_NOT_FOUND" });
    await writeFile(join(folder, "config.json"), "{");
    await assert.rejects(readEncoderConfig(folder), { code: "MODEL_FILE" });
    await rm(folder, { recursive: true });
  });

  const published = join(process.env.ATTUNE_MODELS ?? "", "all-MiniLM-L6-v2");
  const absent = process.env.ATTUNE_MODELS && existsSync(published) ? false : "ATTUNE_MODELS has no MiniLM";
  test("reads the published MiniLM", { skip: absent }, async () => {
    assert.deepEqual(await readEncoderConfig(published), miniLm);
  });
});
