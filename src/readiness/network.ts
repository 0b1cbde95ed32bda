/** @file The readiness network as a graph: attention over a learner's last moments, and what it says of them. */
import {
  add,
  concat,
  encodeModel,
  Graph,
  gelu,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  sub,
  tanh,
  unsqueeze,
  type Value,
} from "../graph/index.js";
import type { ParameterSpec } from "../model/parameter.js";
import { ConstantParameters, type ParameterSource } from "../model/parameter-source.js";
import {
  anchorWidth,
  gapPlace,
  messagePlace,
  type ReadinessInput,
  signalWidth,
  windowMoments,
} from "./features.js";

/** Sizes of a readiness network. */
export interface ReadinessConfig {
  /** Width of the text model's embedding. */
  readonly hidden: number;
  /** Width to which an embedding is brought before it meets the signals: few, so that no message is learned by heart. */
  readonly embedding: number;
  /** Width of a moment. */
  readonly width: number;
  /** Attention heads; `width` is a multiple. */
  readonly heads: number;
  /** Width of the state vector. */
  readonly state: number;
}

/** The inputs as values of a graph. */
export type ReadinessInputs = Readonly<Record<ReadinessInput, Value>>;

/** What the network says of each window; `[batch,1]` unless said otherwise. */
export interface ReadinessOutputs {
  /** What the moments add to the readiness logit of the last message (to 0 where there is none). */
  readonly shift: Value;
  /** Readiness logit z: that of the text plus the shift. */
  readonly readiness: Value;
  /** Logit. */
  readonly engagement: Value;
  /** Logit. */
  readonly cognitiveLoad: Value;
  /** Each in (−1, 1), `[batch,state]`. */
  readonly state: Value;
  /** Mean over the heads, 0 where there is no moment, else summing to 1: `[batch,32]`. */
  readonly attention: Value;
}

/** Added to the scores of places without a moment, so that the softmax gives them nothing. */
const hiddenScore = -1e9;

/** The parameters of a network, `in` before `out`. */
export function listReadinessParameters(config: ReadinessConfig): ParameterSpec[] {
  const { hidden, embedding, width, heads, state } = config;
  const linear = (name: string, rows: number, columns: number, gain = 1): ParameterSpec[] => [
    {
      name: `${name}.weight`,
      shape: [rows, columns],
      group: "heads",
      decay: true,
      initial: { kind: "normal", deviation: gain / Math.sqrt(rows) },
    },
    { name: `${name}.bias`, shape: [columns], group: "heads", decay: false, initial: { kind: "zeros" } },
  ];
  const free = (name: string, size: number): ParameterSpec => ({
    name,
    shape: [size],
    group: "heads",
    decay: false,
    initial: { kind: "zeros" },
  });
  return [
    ...linear("embedding", hidden, embedding),
    ...linear("moment", embedding + signalWidth, width),
    ...linear("score", width, heads),
    free("decay", heads),
    ...linear("value", width, width),
    ...linear("mix", width + anchorWidth, width),
    ...linear("state", width, state),
    // Small at first: readiness then begins at what the text says.
    ...linear("shift", state, 1, 0.1),
    ...linear("doubt", state, 1, 0.1),
    ...linear("engagement", state, 1),
    ...linear("cognitiveLoad", state, 1),
    free("prior", 1),
  ];
}

/** Declares the inputs of a network. Shapes: see `FeatureBatch`. */
export function declareReadinessInputs(graph: Graph, { hidden }: ReadinessConfig): ReadinessInputs {
  return {
    embedding: graph.input("embedding", "float32", ["batch", windowMoments, hidden]),
    signals: graph.input("signals", "float32", ["batch", windowMoments, signalWidth]),
    mask: graph.input("mask", "float32", ["batch", windowMoments]),
    anchor: graph.input("anchor", "float32", ["batch", anchorWidth]),
    gate: graph.input("gate", "float32", ["batch", 1]),
  };
}

/**
 * Builds the network. Each head has a learned query and forgets with the log of time:
 * ```text
 * h_k  = gelu(W [E e_k, s_k])                      a moment
 * α_k  = softmax_k(q · h_k − softplus(d) · log gap_k)
 * c    = Σ α_k V h_k
 * state = tanh(S gelu(M [c, anchor]))
 * z     = anchor + gate · (w · state − σ(u · state) · anchor) + (no message ? prior : 0)
 * ```
 * with the anchor the last message's readiness logit, or 0 where there is none: u says how far it is to be doubted, so
 * that what one message exaggerates need not be undone number by number. No moment stands at a place that the network could know, so only times tell their order.
 * @source Bahdanau, Cho & Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015 (additive
 *   scores from a learned vector); Vaswani et al., "Attention Is All You Need", 2017 (several heads); a score that
 *   falls with distance: Press, Smith & Lewis, "Train Short, Test Long" (ALiBi), 2022
 */
export function buildReadiness(
  inputs: ReadinessInputs,
  config: ReadinessConfig,
  parameters: ParameterSource,
): ReadinessOutputs {
  const { embedding, signals, mask, anchor, gate } = inputs;
  const { width, heads } = config;
  const flat = (x: Value, size: number): Value => reshape(x, [-1, size]);
  const projected = parameters.linear(flat(embedding, config.hidden), "embedding"); // [32*batch, embedding]
  // Without a message there is no embedding, and its projection has a bias that would say otherwise.
  const message = slice(flat(signals, signalWidth), 1, messagePlace, messagePlace + 1); // [32*batch, 1]
  const seen = concat([mul(projected, message), flat(signals, signalWidth)], 1);
  const moments = gelu(parameters.linear(seen, "moment")); // [32*batch, width]

  const gap = slice(signals, 2, gapPlace, gapPlace + 1); // [batch, 32, 1]
  const present = unsqueeze(mask, [2]); // [batch, 32, 1]
  const own = reshape(parameters.linear(moments, "score"), [-1, windowMoments, heads]); // [batch, 32, heads]
  const faded = sub(own, mul(softplus(parameters.value("decay")), gap));
  const scores = add(faded, mul(sub(1, present), hiddenScore));
  const weights = mul(softmax(scores, 1), present); // [batch, 32, heads]
  const values = reshape(parameters.linear(moments, "value"), [-1, windowMoments, heads, width / heads]);
  const context = reshape(reduceSum(mul(unsqueeze(weights, [3]), values), [1]), [-1, width]); // [batch, width]

  const mixed = gelu(parameters.linear(concat([context, anchor], 1), "mix"));
  const state = tanh(parameters.linear(mixed, "state")); // [batch, state]
  const text = slice(anchor, 1, 0, 1); // [batch, 1]
  const doubt = sigmoid(parameters.linear(state, "doubt")); // [batch, 1]
  const silent = sub(1, slice(anchor, 1, 1, 2)); // [batch, 1]
  const shift = add(
    mul(gate, sub(parameters.linear(state, "shift"), mul(doubt, text))),
    mul(silent, parameters.value("prior")),
  );
  return {
    shift,
    readiness: add(text, shift),
    engagement: parameters.linear(state, "engagement"),
    cognitiveLoad: parameters.linear(state, "cognitiveLoad"),
    state,
    attention: reduceMean(weights, [2]),
  };
}

/** Writes a network with its weights as ONNX bytes, fp32. Outputs are those of `ReadinessOutputs`; two are probabilities. */
export function encodeReadiness(
  config: ReadinessConfig,
  arrays: ReadonlyMap<string, Float32Array>,
): Uint8Array {
  const graph = new Graph();
  const parameters = new ConstantParameters(graph, listReadinessParameters(config), arrays);
  const outputs = buildReadiness(declareReadinessInputs(graph, config), config, parameters);
  for (const name of ["shift", "state", "attention"] as const) graph.output(name, outputs[name]);
  for (const name of ["engagement", "cognitiveLoad"] as const) graph.output(name, sigmoid(outputs[name]));
  return encodeModel(graph);
}
