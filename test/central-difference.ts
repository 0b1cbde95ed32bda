/** @file Gradients by central differences, the independent witness that the gradients of the graph are held against. */
import assert from "node:assert/strict";
import { Random } from "../src/base/random.js";
import {
  type Dim,
  type ElementType,
  encodeModel,
  Graph,
  gradients,
  mul,
  type OpName,
  reduceSum,
  type Shape,
  type Value,
} from "../src/graph/index.js";
import { Session, type Tensor } from "../src/runtime/session.js";

/** How random contents are drawn: around 0, above 0, or away from 0 on both sides (for kinks and poles there). */
export type Draw = "normal" | "positive" | "apart";

/** An input of a case. Floats are drawn and differentiated; other types hold the `data` given. */
export interface CaseInput {
  readonly shape: Shape;
  readonly draw?: Draw;
  readonly type?: Exclude<ElementType, "float32">;
  readonly data?: readonly number[];
}

/** A function of some inputs whose gradients are to be checked. */
export interface Case {
  readonly inputs: readonly CaseInput[];
  build(...inputs: readonly Value[]): Value;
}

/** What the symbols of all cases stand for when they run: different, and neither 1. */
export const sizes: Readonly<Record<string, number>> = { batch: 2, tokens: 3 };

const sizeOf = (dim: Dim): number => (typeof dim === "number" ? dim : (sizes[dim] as number));

const count = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

function drawOne(random: Random, draw: Draw): number {
  const magnitude = 0.3 + 1.2 * random.float();
  if (draw === "positive") return magnitude;
  if (draw === "apart") return random.float() < 0.5 ? magnitude : -magnitude;
  return random.normal();
}

function fill({ shape, draw = "normal", type, data = [] }: CaseInput, random: Random): Tensor {
  const dims = shape.map(sizeOf);
  if (type === undefined) {
    return {
      type: "float32",
      dims,
      data: Float32Array.from({ length: count(dims) }, () => drawOne(random, draw)),
    };
  }
  assert.equal(data.length, count(dims), "a case gives as much data as its shape says");
  if (type === "int64") return { type, dims, data: BigInt64Array.from(data, BigInt) };
  if (type === "int32") return { type, dims, data: Int32Array.from(data) };
  if (type === "int8") return { type, dims, data: Int8Array.from(data) };
  return { type, dims, data: Uint8Array.from(data) };
}

/** Slope at 0 of `f` by four points: the error is of order step⁴, so that the step can be large against rounding. */
export async function differentiate(f: (shift: number) => Promise<number>, step: number): Promise<number> {
  const near = (await f(step)) - (await f(-step));
  const far = (await f(2 * step)) - (await f(-2 * step));
  return (8 * near - far) / (12 * step);
}

/** A value near the truth: within `tolerance` of it, measured against the largest of its tensor (at least 0.1). */
export function assertNear(
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  const scale = Math.max(0.1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const got = actual[i] as number;
    const message = `${what}[${i}]: expected ${value} by central differences, got ${got}`;
    assert.ok(Math.abs(got - value) <= tolerance * scale, message);
  });
}

/** The ops of the forward graph of a case. */
export interface Checked {
  readonly ops: ReadonlySet<OpName>;
}

/**
 * Checks ∂Σ(output · weights)/∂input of every float input, element by element, with random weights.
 * The weighted sum is taken in double precision outside the graph, so that it adds no rounding.
 */
export async function checkGradients(
  { inputs, build }: Case,
  { seed = 1, step = 1 / 64, tolerance = 2e-3 } = {},
): Promise<Checked> {
  const random = Random.seeded(seed);
  const graph = new Graph();
  const values = inputs.map(({ shape, type }, i) => graph.input(`x${i}`, type ?? "float32", shape));
  const y = build(...values);
  const ops = new Set(graph.nodes.map((node) => node.op));
  const weight = graph.input("weight", "float32", y.shape);
  const axes = y.shape.map((_, axis) => axis);
  const product = mul(y, weight);
  const floats = values.filter((value) => value.type === "float32");
  const found = gradients(axes.length > 0 ? reduceSum(product, axes) : product, floats);
  graph.output("y", y);
  floats.forEach((value, i) => {
    assert.deepEqual(found[i]?.shape, value.shape, `the gradient of ${value.name} has its shape`);
    graph.output(`gradient.${value.name}`, found[i] as Value);
  });
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  const feeds: Record<string, Tensor> = {};
  inputs.forEach((input, i) => {
    if (session.inputs.includes(`x${i}`)) feeds[`x${i}`] = fill(input, random);
  });
  const dims = y.shape.map((dim) =>
    count(
      String(dim)
        .split("*")
        .map((part) => sizes[part] ?? Number(part)),
    ),
  );
  const weights = Float32Array.from({ length: count(dims) }, () => drawOne(random, "apart"));
  feeds.weight = { type: "float32", dims, data: weights };
  const loss = async (): Promise<number> => {
    const { data } = (await session.run(feeds, ["y"])).y as Tensor;
    return weights.reduce((sum, w, i) => sum + w * Number(data[i]), 0);
  };
  const analytic = await session.run(feeds);
  for (const { name } of floats) {
    const { data } = feeds[name] as Tensor & { type: "float32" };
    const numeric: number[] = [];
    for (let i = 0; i < data.length; i++) {
      const kept = data[i] as number;
      const shifted = (shift: number): Promise<number> => {
        data[i] = kept + shift;
        return loss();
      };
      numeric.push(await differentiate(shifted, step));
      data[i] = kept;
    }
    const gradient = analytic[`gradient.${name}`] as Tensor;
    assert.equal(gradient.data.length, data.length, `the gradient of ${name} has its size`);
    assertNear(gradient.data as Float32Array, numeric, tolerance, `∂/∂${name}`);
  }
  await session.close();
  return { ops };
}
