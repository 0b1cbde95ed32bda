/** @file The value network in our own graph: from the features of a situation to the outcome of every level, many heads at once. */
import { add, concat, type Graph, gelu, mul, reshape, slice, sub, type Value } from "../graph/index.js";
import type { ParameterSpec } from "../model/parameter.js";
import type { ParameterSource } from "../model/parameter-source.js";
import { levelCount } from "./decision.js";

/** Sizes of a value network. */
export interface ValueNetworkSizes {
  /** Features of a situation. */
  readonly features: number;
  /** Width of both hidden layers. */
  readonly hidden: number;
  /** Bootstrapped heads: each learns from learners drawn anew, so that their spread shows what the data leave open. */
  readonly heads: number;
}

/** Names of the parameters that are measured from the data once and not trained. */
export const fixedParameters = {
  mean: "input.mean",
  scale: "input.scale",
  outcomeMean: "outcome.mean",
  outcomeScale: "outcome.scale",
} as const;

/** Parameters of the network. Those of `fixedParameters` are to be set from the data and frozen. */
export function listValueParameters({ features, hidden, heads }: ValueNetworkSizes): ParameterSpec[] {
  const linear = (name: string, from: number, to: number): ParameterSpec[] => [
    {
      name: `${name}.weight`,
      shape: [from, to],
      group: "heads",
      decay: true,
      // Keeps the variance of what goes through. @source Glorot & Bengio, 2010, for equal widths.
      initial: { kind: "normal", deviation: 1 / Math.sqrt(from) },
    },
    { name: `${name}.bias`, shape: [to], group: "heads", decay: false, initial: { kind: "zeros" } },
  ];
  const fixed = (name: string, size: number, kind: "zeros" | "ones"): ParameterSpec => ({
    name,
    shape: [size],
    group: "heads",
    decay: false,
    initial: { kind },
  });
  return [
    fixed(fixedParameters.mean, features, "zeros"),
    fixed(fixedParameters.scale, features, "ones"),
    fixed(fixedParameters.outcomeMean, 1, "zeros"),
    fixed(fixedParameters.outcomeScale, 1, "ones"),
    ...linear("value.first", 2 * features, hidden),
    ...linear("value.second", hidden, hidden),
    ...linear("value.heads", hidden, heads * levelCount),
  ];
}

/** Declares what the network reads: `values` and `known`, float32 `[batch,features]`. */
export function declareFeatures(
  graph: Graph,
  features: number,
): { readonly values: Value; readonly known: Value } {
  return {
    values: graph.input("values", "float32", ["batch", features]),
    known: graph.input("known", "float32", ["batch", features]),
  };
}

/** What the network gives, in units of outcome and standardised. */
export interface ValueOutputs {
  /** Expected outcome, float32 `[batch,heads,6]`. */
  readonly outcome: Value;
  /** The same less the mean of outcomes, by their standard deviation: what training looks at. */
  readonly standardized: Value;
}

/**
 * x = (values − mean) / scale where known, else 0; with what is known beside it, through two layers. Each head then gives
 * the outcome of none, b, and what every other level adds, a: outcome = b + a · 1(level > 0). What doing nothing leads
 * to differs far more between learners than levels do, so that both are apart from the start.
 * @source heads sharing a trunk, each on its own bootstrap sample: Osband, Blundell, Pritzel & Van Roy, "Deep Exploration
 *   via Bootstrapped DQN", 2016.
 */
export function applyValueNetwork(
  inputs: { readonly values: Value; readonly known: Value },
  parameters: ParameterSource,
  { heads }: ValueNetworkSizes,
): ValueOutputs {
  const { values, known } = inputs;
  const centred = sub(values, parameters.value(fixedParameters.mean));
  const scaled = mul(mul(centred, parameters.value(fixedParameters.scale)), known);
  const first = gelu(parameters.linear(concat([scaled, known], 1), "value.first"));
  const second = gelu(parameters.linear(first, "value.second"));
  const raw = reshape(parameters.linear(second, "value.heads"), [-1, heads, levelCount]);
  const { graph } = raw;
  const isAbove = Float32Array.from({ length: levelCount }, (_, level) => Number(level > 0));
  const standardized = add(slice(raw, 2, 0, 1), mul(raw, graph.constant("float32", [levelCount], isAbove)));
  const outcome = add(
    mul(standardized, parameters.value(fixedParameters.outcomeScale)),
    parameters.value(fixedParameters.outcomeMean),
  );
  return { outcome, standardized };
}

/** The graph that ships: inputs as `declareFeatures`, output `outcome`. */
export function buildValueInference(
  graph: Graph,
  parameters: ParameterSource,
  sizes: ValueNetworkSizes,
): void {
  const inputs = declareFeatures(graph, sizes.features);
  graph.output("outcome", applyValueNetwork(inputs, parameters, sizes).outcome);
}
