/** @file BERT and MPNet encoders as graphs: token ids in, one vector a text out. */
import type { Dim } from "../base/shape.js";
import {
  add,
  cast,
  concat,
  div,
  gather,
  gelu,
  layerNormalization,
  matmul,
  mul,
  range,
  reduceSum,
  reshape,
  reshapeTo,
  shapeOf,
  slice,
  softmax,
  sub,
  transpose,
  unsqueeze,
  type Value,
} from "../graph/index.js";
import type { EncoderConfig } from "./encoder-config.js";
import type { ParameterSource } from "./parameter-source.js";
import { relativePositionBias } from "./relative-position.js";

/** Where dropout may act: on hidden vectors, or on attention weights. */
export type DropoutSite = "hidden" | "attention";

/** What an encoder is built from. */
export interface EncoderInputs {
  /** int64 `[batch,tokens]` */
  readonly ids: Value;
  /** int64 `[batch,tokens]`, 1 for a token and 0 for padding */
  readonly mask: Value;
  readonly parameters: ParameterSource;
  /** Applied at each site when training. */
  readonly dropout?: (x: Value, site: DropoutSite) => Value;
}

/** Added to the attention scores of padding, so that the softmax gives it nothing. */
const hiddenScore = -1e9;

/** No GELU lies below this: min x·Φ(x), at x ≈ −0.7518, rounded down. */
export const geluMinimum = -0.16998;

/** A number as an int64 constant of shape `[]`. */
const integer = (like: Value, x: number): Value =>
  like.graph.constant("int64", [], BigInt64Array.of(BigInt(x)));

/** Number of tokens of the batch, int64 `[]`. */
const countTokens = (ids: Value): Value => gather(shapeOf(ids), integer(ids, 1));

function embed(config: EncoderConfig, { ids, parameters }: EncoderInputs): Value {
  const tokens = ids.shape[1] as Dim;
  const start = integer(ids, config.positionOffset);
  const positions = range(start, add(countTokens(ids), start), tokens); // [tokens]
  let x = add(
    parameters.lookup("embeddings.word", ids),
    gather(parameters.value("embeddings.position"), positions),
  ); // [batch, tokens, hidden]
  if (config.typeVocabularySize > 0) x = add(x, slice(parameters.value("embeddings.type"), 0, 0, 1));
  return normalize(config, parameters, reshape(x, [-1, config.hidden]), "embeddings.norm"); // [rows, hidden]
}

function normalize(config: EncoderConfig, parameters: ParameterSource, x: Value, name: string): Value {
  return layerNormalization(
    x,
    parameters.value(`${name}.scale`),
    parameters.value(`${name}.bias`),
    config.layerNormEpsilon,
  );
}

/** One layer: x `[rows,hidden]` → `[rows,hidden]`; `bias` broadcasts to `[batch,heads,tokens,tokens]`. */
function encodeLayer(
  config: EncoderConfig,
  inputs: EncoderInputs,
  layer: number,
  x: Value,
  bias: Value,
): Value {
  const { ids, parameters, dropout = (value) => value } = inputs;
  const { heads, hidden } = config;
  const size = hidden / heads;
  const name = `layer.${layer}`;
  const target = concat(
    [shapeOf(ids), ids.graph.constant("int64", [2], BigInt64Array.of(BigInt(heads), BigInt(size)))],
    0,
  );
  const split = (part: string, perm: readonly number[]): Value => {
    const [batch, tokens] = ids.shape as [Dim, Dim];
    return transpose(
      reshapeTo(parameters.linear(x, `${name}.${part}`), target, [batch, tokens, heads, size]),
      perm,
    );
  };
  const query = split("query", [0, 2, 1, 3]); // [batch, heads, tokens, size]
  const key = split("key", [0, 2, 3, 1]); // [batch, heads, size, tokens]
  const value = split("value", [0, 2, 1, 3]); // [batch, heads, tokens, size]
  const scores = add(mul(matmul(query, key), 1 / Math.sqrt(size)), bias); // [batch, heads, tokens, tokens]
  const weights = dropout(softmax(scores), "attention");
  const attended = reshape(transpose(matmul(weights, value), [0, 2, 1, 3]), [-1, hidden]); // [rows, hidden]
  const mixed = normalize(
    config,
    parameters,
    add(x, dropout(parameters.linear(attended, `${name}.attended`), "hidden")),
    `${name}.attended.norm`,
  );
  const inner = gelu(parameters.linear(mixed, `${name}.inner`)); // [rows, intermediate]
  const outer = dropout(parameters.linear(inner, `${name}.outer`, geluMinimum), "hidden");
  return normalize(config, parameters, add(mixed, outer), `${name}.outer.norm`);
}

/**
 * Hidden vectors of the last layer, `[batch,tokens,hidden]`.
 * @source Devlin et al., "BERT", 2019; Song et al., "MPNet", 2020; the layer order of the published weights (norm after).
 */
export function encode(config: EncoderConfig, inputs: EncoderInputs): Value {
  const { ids, mask, parameters, dropout } = inputs;
  const padding = mul(sub(1, cast(mask, "float32")), hiddenScore);
  let bias = unsqueeze(padding, [1, 2]); // [batch, 1, 1, tokens]
  if (config.relativeAttentionBuckets) {
    bias = add(
      bias,
      relativePositionBias(config, parameters.value("position.bias"), countTokens(ids), ids.shape[1] as Dim),
    );
  }
  let x = embed(config, inputs);
  if (dropout) x = dropout(x, "hidden");
  for (let layer = 0; layer < config.layers; layer++) x = encodeLayer(config, inputs, layer, x, bias);
  const [batch, tokens] = ids.shape as [Dim, Dim];
  const target = concat(
    [shapeOf(ids), ids.graph.constant("int64", [1], BigInt64Array.of(BigInt(config.hidden)))],
    0,
  );
  return reshapeTo(x, target, [batch, tokens, config.hidden]);
}

/** Mean of the hidden vectors `[batch,tokens,hidden]` over the tokens of the mask, special ones included: `[batch,hidden]`. */
export function poolMean(hidden: Value, mask: Value): Value {
  const weights = cast(mask, "float32");
  return div(reduceSum(mul(hidden, unsqueeze(weights, [2])), [1]), reduceSum(weights, [1], true));
}
