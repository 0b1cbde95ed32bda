/** @file MPNet's relative positions: how far apart two tokens are, in buckets, as a bias on attention. */
import type { Dim } from "../base/shape.js";
import { add, gather, range, sub, transpose, unsqueeze, type Value } from "../graph/index.js";
import type { EncoderConfig } from "./encoder-config.js";

/** Distance from which on all pairs share the last bucket. */
const maxDistance = 128;

/**
 * Bucket of a key `distance` places after the query (negative: before): half of the buckets for each direction, of these
 * half exact and half logarithmic up to 128.
 * @source Raffel et al., "T5", 2020, as the published MPNet uses it.
 */
export function relativePositionBucket(distance: number, buckets: number): number {
  const half = buckets / 2;
  const exact = half / 2;
  const side = distance > 0 ? half : 0;
  const n = Math.abs(distance);
  if (n < exact) return side + n;
  // The reference computes in float32; rounding there decides the bucket at exact powers.
  const ratio = Math.fround(Math.fround(Math.log(Math.fround(n / exact))) / Math.log(maxDistance / exact));
  return side + Math.min(exact + Math.trunc(Math.fround(ratio * (half - exact))), half - 1);
}

/** Bias `[heads,tokens,tokens]` on the scores of each query (rows) and key (columns), from the table `[buckets,heads]`. */
export function relativePositionBias(config: EncoderConfig, table: Value, tokens: Value, dim: Dim): Value {
  const { maxPositions, relativeAttentionBuckets = 32 } = config;
  const graph = table.graph;
  const integer = (x: number): Value => graph.constant("int64", [], BigInt64Array.of(BigInt(x)));
  const span = 2 * maxPositions - 1;
  const buckets = BigInt64Array.from({ length: span }, (_, i) =>
    BigInt(relativePositionBucket(i - (maxPositions - 1), relativeAttentionBuckets)),
  );
  const positions = range(integer(0), tokens, dim);
  const distances = sub(unsqueeze(positions, [0]), unsqueeze(positions, [1])); // key − query, [tokens, tokens]
  const places = add(distances, integer(maxPositions - 1));
  const rows = gather(table, gather(graph.constant("int64", [span], buckets), places)); // [tokens, tokens, heads]
  return transpose(rows, [2, 0, 1]);
}
