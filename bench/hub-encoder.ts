/** @file The base encoder in the layout that @huggingface/transformers reads, so that it is measured on the same network. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel, Graph } from "../src/graph/index.js";
import { encode } from "../src/model/encoder.js";
import { type EncoderConfig, readEncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import type { ParameterSpec } from "../src/model/parameter.js";
import { ConstantParameters } from "../src/model/parameter-source.js";
import { QuantizedParameters } from "../src/model/rounding/quantized-parameters.js";
import { loadWeights } from "../src/model/weights.js";

/** File of each precision, by the names that @huggingface/transformers gives them. */
const files = { fp32: "model.onnx", q8: "model_quantized.onnx" } as const;

/** Token ids and mask in, `last_hidden_state` out: the output that a published encoder has. */
function encodeEncoder(
  config: EncoderConfig,
  specs: readonly ParameterSpec[],
  weights: ReadonlyMap<string, Float32Array>,
  precision: keyof typeof files,
): Uint8Array {
  const graph = new Graph();
  const ids = graph.input("input_ids", "int64", ["batch", "tokens"]);
  const mask = graph.input("attention_mask", "int64", ["batch", "tokens"]);
  const Source = precision === "fp32" ? ConstantParameters : QuantizedParameters;
  const parameters = new Source(graph, specs, weights);
  graph.output("last_hidden_state", encode(config, { ids, mask, parameters }));
  return encodeModel(graph);
}

/**
 * Writes `NAME/{config,tokenizer,tokenizer_config}.json` and `NAME/onnx/model{,_quantized}.onnx` into a folder of models.
 * int8 is dynamic: weights by column, inputs while running, as published int8 encoders are.
 * @returns the folder of models
 */
export async function exportHubEncoder(source: string, models: string, name: string): Promise<string> {
  const folder = join(models, name);
  mkdirSync(join(folder, "onnx"), { recursive: true });
  // Written anew each time: it takes a second, and an old file would be measured in silence.
  for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"])
    writeFileSync(join(folder, file), readFileSync(join(source, file)));
  const config = await readEncoderConfig(source);
  const specs = listEncoderParameters(config);
  const weights = await loadWeights(source, specs);
  for (const precision of ["fp32", "q8"] as const)
    writeFileSync(join(folder, "onnx", files[precision]), encodeEncoder(config, specs, weights, precision));
  return models;
}
