/** @file Reverse-mode differentiation that builds more graph instead of running anything. */
import { AppError } from "../base/errors.js";
import { printShape } from "../base/shape.js";
import type { OpName } from "./attributes.js";
import { add } from "./functions.js";
import type { Graph } from "./graph.js";
import { registry } from "./registry.js";
import type { GradientContext } from "./rule.js";
import type { Node, Value } from "./value.js";

/** Values that depend, through floats, on one of `wanted`: only these carry a gradient. */
function findActive(graph: Graph, wanted: readonly Value[]): Set<Value> {
  const active = new Set(wanted);
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => active.has(input))) continue;
    for (const output of node.outputs) if (output.type === "float32") active.add(output);
  }
  return active;
}

/** The op's own gradient, for the inputs that carry one. @throws GRAPH_GRADIENT */
function applyRule(node: Node, dy: Value, active: ReadonlySet<Value>): readonly (Value | undefined)[] {
  const { gradient } = registry[node.op];
  if (typeof gradient !== "function") {
    throw new AppError(
      "GRAPH_GRADIENT",
      `${node.op}: expected an op with a gradient on the way from the loss, got none: ${gradient.none}; take another way`,
    );
  }
  const context: GradientContext<OpName> = {
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes,
    dy,
    wanted: node.inputs.map((input) => active.has(input)),
  };
  // The registry is indexed by the node's own op, so its rule expects these very attributes.
  return (gradient as unknown as (context: GradientContext<OpName>) => readonly (Value | undefined)[])(
    context,
  );
}

/**
 * ∂loss/∂v for each v of `wanted`, in order, as values of the same graph and the same shapes.
 * Any value may be asked for, not only inputs: asking for looked-up rows gives their gradients row by row.
 * @param loss a float32 scalar, shape `[]`
 * @throws GRAPH_GRADIENT when the loss is no scalar, does not depend on a wanted value, or an op on the way has no gradient
 */
export function gradients(loss: Value, wanted: readonly Value[]): Value[] {
  const graph = loss.graph as Graph;
  if (loss.shape.length !== 0 || loss.type !== "float32") {
    throw new AppError(
      "GRAPH_GRADIENT",
      `gradients: expected a float32 scalar as loss, got ${loss.type} ${printShape(loss.shape)}; sum it first`,
    );
  }
  const active = findActive(graph, wanted);
  const sums = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  const nodes = [...graph.nodes];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as Node;
    if (!node.outputs.some((output) => active.has(output))) continue;
    const side = node.outputs.slice(1).find((output) => sums.has(output));
    if (side) {
      throw new AppError(
        "GRAPH_GRADIENT",
        `${node.op}: expected a gradient through its first output only, got one through ${side.name}; compute that statistic with other ops`,
      );
    }
    const dy = sums.get(node.outputs[0] as Value);
    if (!dy) continue;
    applyRule(node, dy, active).forEach((part, at) => {
      const input = node.inputs[at] as Value;
      if (!part || !active.has(input)) return;
      const sum = sums.get(input);
      sums.set(input, sum ? add(sum, part) : part);
    });
  }
  return wanted.map((value) => {
    const gradient = sums.get(value);
    if (!gradient) {
      throw new AppError(
        "GRAPH_GRADIENT",
        `gradients: expected the loss to depend on ${value.name}, got no path; leave it out or use it`,
      );
    }
    return gradient;
  });
}
