/** @file The value network as it is trained: how far each head is from the outcome of the level that was given, and every gradient. */

import {
  encodeModel,
  Graph,
  gradients,
  mul,
  reduceSum,
  sub,
  unsqueeze,
  type Value,
} from "../../graph/index.js";
import { InputParameters } from "../../model/parameter-source.js";
import { levelCount } from "../../policy/decision.js";
import {
  applyValueNetwork,
  declareFeatures,
  fixedParameters,
  listValueParameters,
  type ValueNetworkSizes,
} from "../../policy/network.js";
import { gradientName, type TrainedParameter } from "../trained-parameter.js";

const fixed: ReadonlySet<string> = new Set(Object.values(fixedParameters));

/** Parameters of the network, those measured from the data frozen. */
export function listTrainedParameters(sizes: ValueNetworkSizes): TrainedParameter[] {
  return listValueParameters(sizes).map((spec) => (fixed.has(spec.name) ? { ...spec, frozen: true } : spec));
}

/**
 * Builds forward, loss and gradients. Inputs beside the features: `given` [batch,6], 1 at the level given; `target`
 * [batch,1], the outcome standardised; `weight` [batch,heads], how often the head sees the row, over rows and heads of
 * the step.
 * ```text
 * loss = Σ w (q(given) − target)²
 * ```
 * Outputs: `loss`, `gradient.PARAMETER`.
 */
export function buildInterventionTraining(sizes: ValueNetworkSizes): Uint8Array {
  const graph = new Graph();
  const specs = listTrainedParameters(sizes);
  const parameters = new InputParameters(graph, specs);
  const { standardized } = applyValueNetwork(declareFeatures(graph, sizes.features), parameters, sizes);
  const given = graph.input("given", "float32", ["batch", levelCount]);
  const target = graph.input("target", "float32", ["batch", 1]);
  const weight = graph.input("weight", "float32", ["batch", sizes.heads]);
  const error = sub(reduceSum(mul(standardized, unsqueeze(given, [1])), [2]), target);
  const loss = graph.output("loss", reduceSum(mul(weight, mul(error, error)), [0, 1]));
  const trained = specs.filter(({ frozen }) => frozen !== true);
  const found = gradients(
    loss,
    trained.map(({ name }) => parameters.value(name)),
  );
  trained.forEach(({ name }, i) => {
    graph.output(gradientName(name), found[i] as Value);
  });
  return encodeModel(graph);
}

/** The network alone, its weights as inputs. Output: `outcome` [batch,heads,6]. */
export function buildInterventionForward(sizes: ValueNetworkSizes): Uint8Array {
  const graph = new Graph();
  const parameters = new InputParameters(graph, listValueParameters(sizes));
  const inputs = declareFeatures(graph, sizes.features);
  graph.output("outcome", applyValueNetwork(inputs, parameters, sizes).outcome);
  return encodeModel(graph);
}
