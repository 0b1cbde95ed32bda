/** @file Writes a graph as an ONNX model: only what its outputs need, in protocol buffers. */
import { AppError } from "../base/errors.js";
import type { ElementType } from "./attributes.js";
import type { Graph } from "./graph.js";
import { onnxTypes } from "./ops/elementwise.js";
import { concatMessages, Message } from "./protobuf.js";
import { registry } from "./registry.js";
import type { Emission, OnnxAttribute } from "./rule.js";
import type { ConstantData, Node, Value } from "./value.js";

/** ONNX operator set of the models written. */
export const opset = 21;
const irVersion = 10;
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

function writeTensor(name: string, type: ElementType, dims: readonly number[], data: ConstantData): Message {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const message = new Message();
  for (const dim of dims) message.int(1, dim);
  return message.int(2, onnxTypes[type]).string(8, name).bytes(9, bytes);
}

function writeAttribute(name: string, attribute: OnnxAttribute): Message {
  const message = new Message().string(1, name).int(20, attributeTypes[attribute.kind]);
  if (attribute.kind === "float") message.float(2, attribute.value);
  else if (attribute.kind === "int") message.int(3, attribute.value);
  else if (attribute.kind === "string") message.string(4, attribute.value);
  else for (const value of attribute.value) message.int(8, value);
  return message;
}

function writeValueInfo(name: string, value: Value): Message {
  const shape = new Message();
  for (const dim of value.shape) {
    shape.message(1, typeof dim === "number" ? new Message().int(1, dim) : new Message().string(2, dim));
  }
  const tensor = new Message().int(1, onnxTypes[value.type]).message(2, shape);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

/** Nodes that the outputs depend on, in running order, and the values they read. */
function findLive(graph: Graph): { nodes: Node[]; read: Set<Value> } {
  const read = new Set<Value>(graph.outputs.values());
  const nodes: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i] as Node;
    if (!node.outputs.some((output) => read.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) read.add(input);
  }
  return { nodes: nodes.reverse(), read };
}

/** Constants of a model by what they hold, so that equal int64 operands are written once. */
class Initializers {
  readonly messages: Message[] = [];
  readonly #names = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;

  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  addValue(value: Value): void {
    this.messages.push(
      writeTensor(value.name, value.type, value.shape as readonly number[], value.constant as ConstantData),
    );
  }

  /** Name of an int64 operand: a vector, a scalar, or "" for one left out. */
  operand(operand: readonly number[] | number | null): string {
    if (operand === null) return "";
    const key = JSON.stringify(operand);
    const known = this.#names.get(key);
    if (known) return known;
    let name = `operand_${this.#names.size}`;
    while (this.#taken.has(name)) name += "_";
    const numbers = typeof operand === "number" ? [operand] : operand;
    const dims = typeof operand === "number" ? [] : [numbers.length];
    this.messages.push(writeTensor(name, "int64", dims, BigInt64Array.from(numbers, BigInt)));
    this.#names.set(key, name);
    return name;
  }
}

function writeNode(node: Node, read: ReadonlySet<Value>, initializers: Initializers): Message {
  const rule = registry[node.op];
  // The rule is the node's own, so it accepts the node's attributes.
  const emission: Emission = rule.emit
    ? (rule.emit as (attributes: unknown) => Emission)(node.attributes)
    : {};
  const message = new Message();
  for (const input of node.inputs) message.string(1, input.name);
  for (const operand of emission.extraInputs ?? []) message.string(1, initializers.operand(operand));
  const outputs = node.outputs.map((output) => (read.has(output) ? output.name : ""));
  while (outputs[outputs.length - 1] === "") outputs.pop();
  for (const output of outputs) message.string(2, output);
  message.string(3, `${node.op}:${outputs[0]}`).string(4, emission.name ?? node.op);
  for (const [name, attribute] of Object.entries(emission.attributes ?? {}))
    message.message(5, writeAttribute(name, attribute));
  return message;
}

/**
 * Encodes a graph as ONNX bytes: nodes and inputs that no output needs are left out.
 * @param metadata strings to carry in the model's `metadata_props`
 * @throws GRAPH_SHAPE when the graph has no output
 */
export function encodeModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  if (graph.outputs.size === 0)
    throw new AppError(
      "GRAPH_SHAPE",
      "model: expected at least one output, got none; call graph.output(name, value)",
    );
  const { nodes, read } = findLive(graph);
  const body = new Message();
  const taken = [...read].map((value) => value.name);
  const initializers = new Initializers(new Set([...taken, ...graph.outputs.keys()]));
  for (const node of nodes) body.message(1, writeNode(node, read, initializers));
  for (const [name, value] of graph.outputs) {
    body.message(1, new Message().string(1, value.name).string(2, name).string(4, "Identity"));
  }
  body.string(2, "attune");
  for (const value of read) if (value.constant) initializers.addValue(value);
  for (const message of initializers.messages) body.message(5, message);
  for (const input of graph.inputs) if (read.has(input)) body.message(11, writeValueInfo(input.name, input));
  for (const [name, value] of graph.outputs) body.message(12, writeValueInfo(name, value));
  const model = new Message().int(1, irVersion).string(2, "attune").message(7, body);
  model.message(8, new Message().string(1, "").int(2, opset));
  for (const [key, value] of Object.entries(metadata))
    model.message(14, new Message().string(1, key).string(2, value));
  return concatMessages(model);
}
