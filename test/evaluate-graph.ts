/** @file Runs a small graph on given numbers, for the tests of what ops compute. */
import { encodeModel, Graph, type Value } from "../src/graph/index.js";
import { Session, type Tensor } from "../src/runtime/session.js";

/** A float32 tensor. */
export const floats = (dims: readonly number[], data: readonly number[]): Tensor => ({
  type: "float32",
  dims,
  data: Float32Array.from(data),
});

/** An int64 tensor. */
export const integers = (dims: readonly number[], data: readonly number[]): Tensor => ({
  type: "int64",
  dims,
  data: BigInt64Array.from(data, BigInt),
});

/** A bool tensor, from 0 and 1. */
export const booleans = (dims: readonly number[], data: readonly number[]): Tensor => ({
  type: "bool",
  dims,
  data: Uint8Array.from(data),
});

/** What a run gave: sizes and numbers. */
export interface Evaluated {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** Builds a function of the inputs, each known by its place, and runs it. */
export async function evaluate(
  build: (...inputs: Value[]) => Value | readonly Value[],
  ...inputs: readonly Tensor[]
): Promise<readonly Evaluated[]> {
  const graph = new Graph();
  const built = build(...inputs.map(({ type, dims }, i) => graph.input(`x${i}`, type, dims)));
  const outputs = "node" in built || "graph" in built ? [built as Value] : (built as readonly Value[]);
  outputs.forEach((output, i) => {
    graph.output(`y${i}`, output);
  });
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  const feeds = Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor]));
  const results = await session.run(
    Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputs.includes(name))),
  );
  await session.close();
  return outputs.map((_, i) => {
    const { dims, data } = results[`y${i}`] as Tensor;
    return { dims, data: Array.from(data, Number) };
  });
}
