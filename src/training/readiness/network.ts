/** @file The readiness network as it is trained: what it says, how far that is from what was true, and every gradient. */

import {
  add,
  encodeModel,
  exp,
  Graph,
  gradients,
  mul,
  reduceSum,
  sigmoid,
  softplus,
  sub,
  type Value,
} from "../../graph/index.js";
import type { ParameterSpec } from "../../model/parameter.js";
import { InputParameters } from "../../model/parameter-source.js";
import {
  buildReadiness,
  declareReadinessInputs,
  listReadinessParameters,
  type ReadinessConfig,
} from "../../readiness/network.js";
import { gradientName } from "../trained-parameter.js";

/** Losses by name, in their one order. */
export const readinessLosses = ["success", "readiness", "engagement", "cognitiveLoad"] as const;

/** One of the four losses. */
export type ReadinessLoss = (typeof readinessLosses)[number];

/** Parameters of the network and of the link from readiness to success, which is fitted anew when it is shipped. */
export function listTrainedParameters(config: ReadinessConfig): ParameterSpec[] {
  const link = (name: string): ParameterSpec => ({
    name,
    shape: [1],
    group: "heads",
    decay: false,
    initial: { kind: "zeros" },
  });
  return [...listReadinessParameters(config), link("link.logSlope"), link("link.intercept")];
}

/** Names of the target inputs: each `[batch,1]`, beside its weight `[batch,1]`, which already divides by the rows of the step. */
export const targetName = (loss: ReadinessLoss): string => `target.${loss}`;
/** See `targetName`; 0 where the truth is not known. */
export const weightName = (loss: ReadinessLoss): string => `weight.${loss}`;

/**
 * Builds forward, losses and gradients. With z the readiness logit, w the row's weight:
 * ```text
 * success        Σ w (softplus(s) − y s),  s = e^a z + b, so that success always rises with readiness
 * readiness      Σ w (σ(z) − y)²,          and likewise engagement and cognitive load
 * ```
 * Outputs: `loss`, `loss.NAME`, `gradient.PARAMETER`.
 */
export function buildReadinessTraining(
  config: ReadinessConfig,
  lossWeights: Readonly<Record<ReadinessLoss, number>>,
): Uint8Array {
  const graph = new Graph();
  const specs = listTrainedParameters(config);
  const parameters = new InputParameters(graph, specs);
  const said = buildReadiness(declareReadinessInputs(graph, config), config, parameters);
  const input = (name: string): Value => graph.input(name, "float32", ["batch", 1]);
  const squared = (logit: Value, target: Value): Value => {
    const error = sub(sigmoid(logit), target);
    return mul(error, error);
  };
  const link = add(
    mul(exp(parameters.value("link.logSlope")), said.readiness),
    parameters.value("link.intercept"),
  );
  const losses = readinessLosses.map((name) => {
    const [target, weight] = [input(targetName(name)), input(weightName(name))];
    const error = name === "success" ? sub(softplus(link), mul(target, link)) : squared(said[name], target);
    return graph.output(`loss.${name}`, reduceSum(mul(weight, error), [0, 1]));
  });
  const total = losses
    .map((loss, i) => mul(loss, lossWeights[readinessLosses[i] as ReadinessLoss]))
    .reduce((sum, one) => add(sum, one));
  graph.output("loss", total);
  const found = gradients(
    total,
    specs.map(({ name }) => parameters.value(name)),
  );
  specs.forEach(({ name }, i) => {
    graph.output(gradientName(name), found[i] as Value);
  });
  return encodeModel(graph);
}

/** The network alone, its weights as inputs. Outputs: `readiness`, `engagement`, `cognitiveLoad` (logits). */
export function buildReadinessForward(config: ReadinessConfig): Uint8Array {
  const graph = new Graph();
  const parameters = new InputParameters(graph, listReadinessParameters(config));
  const said = buildReadiness(declareReadinessInputs(graph, config), config, parameters);
  for (const name of ["readiness", "engagement", "cognitiveLoad"] as const) graph.output(name, said[name]);
  return encodeModel(graph);
}
