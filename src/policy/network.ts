/** @file The value network in our own graph: from the features of a situation to the outcome of every level, many heads at once. */
import { add, concat, type Graph, gelu, mul, pad, reshape, slice, sub, type Value } from "../graph/index.js";
import type { ParameterSpec } from "../model/parameter.js";
import type { ParameterSource } from "../model/parameter-source.js";
import { levelCount } from "./decision.js";

/** Sizes of a value network. */
export interface ValueNetworkSizes {
  /** Features of a situation. */
  readonly features: number;
  /** Of these, the last so many are what levels' gains are learned from. */
  readonly summary: number;
  /** Width of both hidden layers of what doing nothing leads to. */
  readonly hidden: number;
  /** Width of the hidden layer of what levels add: small, since there is far less to be seen of it. */
  readonly gainHidden: number;
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
export function listValueParameters({
  features,
  summary,
  hidden,
  gainHidden,
  heads,
}: ValueNetworkSizes): ParameterSpec[] {
  const linear = (
    name: string,
    from: number,
    to: number,
    // Keeps the variance of what goes through. @source Glorot & Bengio, 2010, for equal widths.
    initial: ParameterSpec["initial"] = { kind: "normal", deviation: 1 / Math.sqrt(from) },
  ): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [from, to], group: "heads", decay: true, initial },
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
    ...linear("none.first", 2 * features, hidden),
    ...linear("none.second", hidden, hidden),
    ...linear("none.heads", hidden, heads),
    ...linear("gain.first", 2 * summary, gainHidden),
    // Nothing is thought to help before anything was seen to.
    ...linear("gain.heads", gainHidden, heads * gainCount, { kind: "zeros" }),
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

/** Levels above none. */
const gainCount = levelCount - 1;

/**
 * x = (values − mean) / scale where known, else 0, and what is known beside it. Two networks look at it: one for the
 * outcome of none, b, one for what every other level adds, a; outcome = b for none and b + a for the others. What doing
 * nothing leads to differs far more between learners than levels do, so that neither is learned at the other's cost.
 * @source heads on one body, each on its own bootstrap sample: Osband, Blundell, Pritzel & Van Roy, "Deep Exploration via
 *   Bootstrapped DQN", 2016.
 */
export function applyValueNetwork(
  inputs: { readonly values: Value; readonly known: Value },
  parameters: ParameterSource,
  { heads, features, summary }: ValueNetworkSizes,
): ValueOutputs {
  const { values, known } = inputs;
  const centred = sub(values, parameters.value(fixedParameters.mean));
  const scaled = mul(mul(centred, parameters.value(fixedParameters.scale)), known);
  const x = concat([scaled, known], 1);
  const first = gelu(parameters.linear(x, "none.first"));
  const second = gelu(parameters.linear(first, "none.second"));
  const none = reshape(parameters.linear(second, "none.heads"), [-1, heads, 1]);
  const sum = concat(
    [slice(scaled, 1, features - summary, features), slice(known, 1, features - summary, features)],
    1,
  );
  const gain = parameters.linear(gelu(parameters.linear(sum, "gain.first")), "gain.heads");
  const standardized = add(none, pad(reshape(gain, [-1, heads, gainCount]), 2, 1, 0));
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
