/** @file The training graph of a model: forward, losses and the gradient of every trainable parameter, as one ONNX model. */

import { type HeadName, headNames } from "../../base/head.js";
import { encodeModel, Graph, gradients, reshape, type Value } from "../../graph/index.js";
import { encode, poolMean } from "../../model/encoder.js";
import type { EncoderConfig } from "../../model/encoder-config.js";
import { applyHeads } from "../../model/heads.js";
import { buildInference, declareTokens } from "../../model/inference.js";
import type { ParameterSpec } from "../../model/parameter.js";
import { InputParameters } from "../../model/parameter-source.js";
import { gradientName, type TrainedParameter } from "../trained-parameter.js";
import { Dropout } from "./dropout.js";
import { buildLosses, type Following } from "./loss.js";

/** The table whose gradient is taken row by row, since a batch touches few of its rows. */
export const wordTable = "embeddings.word";

/** What a training graph is made for. */
export interface NetworkOptions {
  readonly config: EncoderConfig;
  readonly parameters: readonly TrainedParameter[];
  readonly heads: readonly HeadName[];
  readonly lossWeights: Readonly<Record<HeadName, number>>;
  /** How a teacher is followed; absent where there is none. */
  readonly distillation?: Following | null;
  readonly dropout: { readonly pooled: number; readonly hidden: number; readonly attention: number };
}

/** A training graph as bytes, with what is needed to feed it. */
export interface TrainingNetwork {
  readonly model: Uint8Array;
  readonly dropout: Dropout;
  /** Names of the losses that the whole is made of. */
  readonly parts: readonly string[];
  /** Parameters whose gradients the graph gives whole; the word table's come as rows `[batch·tokens,hidden]`. */
  readonly dense: readonly TrainedParameter[];
  /** Whether the word table is trained. */
  readonly trainsWords: boolean;
}

/** Builds forward, losses and gradients. Outputs: `loss`, `loss.PART`, `gradient.PARAMETER`. */
export function buildTrainingNetwork(options: NetworkOptions): TrainingNetwork {
  const { config, heads, lossWeights } = options;
  const graph = new Graph();
  const { ids, mask } = declareTokens(graph);
  const parameters = new InputParameters(graph, options.parameters);
  const dropout = new Dropout(graph);
  const hidden = encode(config, {
    ids,
    mask,
    parameters,
    dropout: (x, site) => dropout.apply(x, options.dropout[site]),
  });
  const whole = poolMean(hidden, mask);
  const logits = applyHeads(dropout.apply(whole, options.dropout.pooled), parameters);
  // What is compared is what will be served: the vector without dropout.
  const following = options.distillation ? { ...options.distillation, pooled: whole } : null;
  const losses = buildLosses(graph, logits, heads, lossWeights, following);
  graph.output("loss", losses.total);
  for (const [part, loss] of losses.parts) graph.output(`loss.${part}`, loss);

  const untrained = new Set(headNames.filter((head) => !heads.includes(head)).map((head) => `head.${head}.`));
  const trained = options.parameters.filter(
    ({ name, frozen }) => !frozen && ![...untrained].some((prefix) => name.startsWith(prefix)),
  );
  const dense = trained.filter(({ name }) => name !== wordTable);
  const rows = trained.length > dense.length ? parameters.lookups.get(wordTable)?.rows : undefined;
  const wanted = dense.map(({ name }) => parameters.value(name));
  const found = gradients(losses.total, rows ? [...wanted, rows] : wanted);
  dense.forEach(({ name }, i) => {
    graph.output(gradientName(name), found[i] as Value);
  });
  if (rows) graph.output(gradientName(wordTable), reshape(found[dense.length] as Value, [-1, config.hidden]));
  const parts = [...losses.parts.keys()];
  return { model: encodeModel(graph), dropout, parts, dense, trainsWords: rows !== undefined };
}

/** The same model without losses and gradients, its weights as inputs: outputs are the logits of every head and `pooled`. */
export function buildForwardNetwork(config: EncoderConfig, parameters: readonly ParameterSpec[]): Uint8Array {
  const graph = new Graph();
  buildInference(graph, config, new InputParameters(graph, parameters));
  return encodeModel(graph);
}
