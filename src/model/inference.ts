/** @file The graph that ships: token ids in, the logits of every head and the pooled vector out, weights inside. */
import { encodeModel, Graph, type Value } from "../graph/index.js";
import { encode, poolMean } from "./encoder.js";
import type { EncoderConfig } from "./encoder-config.js";
import { applyHeads } from "./heads.js";
import type { ParameterSpec } from "./parameter.js";
import { ConstantParameters, type ParameterSource } from "./parameter-source.js";
import {
  QuantizedParameters,
  type RoundingOptions,
  type RoundingReport,
} from "./rounding/quantized-parameters.js";

/** How weights are stored in a shipped model. */
export type Precision = "fp32" | "int8";

/** Declares the inputs every model of ours reads: `input_ids` and `attention_mask`, int64 `[batch,tokens]`. */
export function declareTokens(graph: Graph): { readonly ids: Value; readonly mask: Value } {
  return {
    ids: graph.input("input_ids", "int64", ["batch", "tokens"]),
    mask: graph.input("attention_mask", "int64", ["batch", "tokens"]),
  };
}

/** Adds the whole model to a graph. Inputs `input_ids`, `attention_mask` int64 `[batch,tokens]`; outputs each head and `pooled`. */
export function buildInference(graph: Graph, config: EncoderConfig, parameters: ParameterSource): void {
  const { ids, mask } = declareTokens(graph);
  const pooled = poolMean(encode(config, { ids, mask, parameters }), mask);
  for (const [head, logits] of Object.entries(applyHeads(pooled, parameters))) graph.output(head, logits);
  graph.output("pooled", pooled);
}

/** Writes a model with its weights as ONNX bytes, and what rounding cost; `options` are those of int8. */
export function encodeInference(
  config: EncoderConfig,
  specs: readonly ParameterSpec[],
  arrays: ReadonlyMap<string, Float32Array>,
  precision: Precision,
  options: RoundingOptions = {},
): { readonly bytes: Uint8Array; readonly rounding: readonly RoundingReport[] } {
  const graph = new Graph();
  if (precision === "fp32") {
    buildInference(graph, config, new ConstantParameters(graph, specs, arrays));
    return { bytes: encodeModel(graph), rounding: [] };
  }
  const parameters = new QuantizedParameters(graph, specs, arrays, options);
  buildInference(graph, config, parameters);
  return { bytes: encodeModel(graph), rounding: parameters.errors };
}
