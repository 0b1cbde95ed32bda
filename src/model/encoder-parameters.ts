/** @file The trainable arrays of BERT and MPNet encoders under our names, with the published name of each. */
import type { EncoderConfig } from "./encoder-config.js";
import type { ParameterSpec } from "./parameter.js";

/** Published names of a layer's parts, which are all that differs between the families. */
const sources = {
  bert: {
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attended: "attention.output.dense",
    attentionNorm: "attention.output.LayerNorm",
  },
  mpnet: {
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    attended: "attention.attn.o",
    attentionNorm: "attention.LayerNorm",
  },
} as const;

function table(name: string, source: string, rows: number, columns: number): ParameterSpec {
  return {
    name,
    shape: [rows, columns],
    source: { name: source, transposed: false },
    group: "encoder",
    decay: true,
    initial: { kind: "normal" },
  };
}

function linear(name: string, source: string, from: number, to: number): ParameterSpec[] {
  return [
    {
      name: `${name}.weight`,
      shape: [from, to],
      source: { name: `${source}.weight`, transposed: true },
      group: "encoder",
      decay: true,
      initial: { kind: "normal" },
    },
    vector(`${name}.bias`, `${source}.bias`, to, "zeros"),
  ];
}

function norm(name: string, source: string, hidden: number): ParameterSpec[] {
  return [
    vector(`${name}.scale`, `${source}.weight`, hidden, "ones"),
    vector(`${name}.bias`, `${source}.bias`, hidden, "zeros"),
  ];
}

function vector(name: string, source: string, size: number, kind: "zeros" | "ones"): ParameterSpec {
  return {
    name,
    shape: [size],
    source: { name: source, transposed: false },
    group: "encoder",
    decay: false,
    initial: { kind },
  };
}

/** Index of the layer a parameter belongs to: `-1` for the embeddings, `undefined` for what is no part of the encoder. */
export function layerOf(name: string): number | undefined {
  if (name.startsWith("embeddings.") || name === "position.bias") return -1;
  const match = /^layer\.(\d+)\./.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** All arrays of an encoder: linear weights `[in,out]`, tables `[rows,hidden]`, vectors `[hidden]`. */
export function listEncoderParameters(config: EncoderConfig): ParameterSpec[] {
  const { type, hidden, intermediate, layers, heads, relativeAttentionBuckets } = config;
  const source = sources[type];
  const specs = [
    table("embeddings.word", "embeddings.word_embeddings.weight", config.vocabularySize, hidden),
    table("embeddings.position", "embeddings.position_embeddings.weight", config.maxPositions, hidden),
  ];
  if (config.typeVocabularySize > 0) {
    specs.push(
      table("embeddings.type", "embeddings.token_type_embeddings.weight", config.typeVocabularySize, hidden),
    );
  }
  specs.push(...norm("embeddings.norm", "embeddings.LayerNorm", hidden));
  if (relativeAttentionBuckets) {
    specs.push(
      table("position.bias", "encoder.relative_attention_bias.weight", relativeAttentionBuckets, heads),
    );
  }
  for (let layer = 0; layer < layers; layer++) {
    const from = `encoder.layer.${layer}`;
    const to = `layer.${layer}`;
    specs.push(
      ...linear(`${to}.query`, `${from}.${source.query}`, hidden, hidden),
      ...linear(`${to}.key`, `${from}.${source.key}`, hidden, hidden),
      ...linear(`${to}.value`, `${from}.${source.value}`, hidden, hidden),
      ...linear(`${to}.attended`, `${from}.${source.attended}`, hidden, hidden),
      ...norm(`${to}.attended.norm`, `${from}.${source.attentionNorm}`, hidden),
      ...linear(`${to}.inner`, `${from}.intermediate.dense`, hidden, intermediate),
      ...linear(`${to}.outer`, `${from}.output.dense`, intermediate, hidden),
      ...norm(`${to}.outer.norm`, `${from}.output.LayerNorm`, hidden),
    );
  }
  return specs;
}
