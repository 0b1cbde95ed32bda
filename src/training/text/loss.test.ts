import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { floats } from "../../../test/evaluate-graph.js";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import { Random } from "../../base/random.js";
import { encodeModel, Graph, type Value } from "../../graph/index.js";
import { Session, type Tensor } from "../../runtime/session.js";
import {
  buildLosses,
  type Following,
  headLosses,
  rowWeightName,
  similarityName,
  similarityWeightName,
  softRowWeightName,
  softTargetName,
  targetName,
} from "./loss.js";

type Rows = readonly (readonly number[])[];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The losses of one row in plain JavaScript. */
const plain: Record<(typeof headLosses)[HeadName], (x: readonly number[], t: readonly number[]) => number> = {
  softmax: (x, t) => {
    const total = Math.log(sum(x.map(Math.exp)));
    return -sum(x.map((logit, i) => (t[i] as number) * (logit - total)));
  },
  binary: (x, t) =>
    -sum(
      x.map((logit, i) => {
        const p = sigmoid(logit);
        return (t[i] as number) * Math.log(p) + (1 - (t[i] as number)) * Math.log(1 - p);
      }),
    ),
  square: (x, t) => sum(x.map((logit, i) => (sigmoid(logit) - (t[i] as number)) ** 2)) / x.length,
};

const batch = 3;
const random = Random.seeded(4);
const draw = (size: number, make: () => number): Rows =>
  Array.from({ length: batch }, () => Array.from({ length: size }, make));

const logits = Object.fromEntries(
  headNames.map((head) => [head, draw(headSizes[head], () => 2 * random.normal())]),
);
const targets = Object.fromEntries(
  headNames.map((head) => [head, draw(headSizes[head], () => random.float())]),
);
const softTargets = Object.fromEntries(
  headNames.map((head) => [head, draw(headSizes[head], () => random.float())]),
);
const softRowWeights = [0.1, 0.4, 0];
/** Vectors before the heads, how alike a teacher finds them, and which it was asked about. */
const pooled = draw(5, () => random.normal());
const alike = draw(batch, () => 2 * random.float() - 1);
const pairWeights = [0.3, 0.5, 0];
const rowWeights = Object.fromEntries(headNames.map((head) => [head, [0.25, 0, 0.5]]));

async function run(
  heads: readonly HeadName[],
  lossWeights: Record<HeadName, number>,
  given: Record<string, Rows> = logits,
  distillation: Following | null = null,
): Promise<Record<string, number>> {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    headNames.map((head) => [head, graph.input(`logits.${head}`, "float32", ["batch", headSizes[head]])]),
  ) as Record<HeadName, Value>;
  const vectors = graph.input("pooled", "float32", ["batch", 5]);
  const following = distillation && { ...distillation, pooled: vectors };
  const losses = buildLosses(graph, inputs, heads, lossWeights, following);
  graph.output("total", losses.total);
  for (const [part, loss] of losses.parts) graph.output(`${part}Loss`, loss);
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  const feeds: Record<string, Tensor> = { pooled: floats([batch, 5], pooled.flat()) };
  if (distillation && distillation.similarity > 0) {
    feeds[similarityName] = floats([batch, batch], alike.flat());
    feeds[similarityWeightName] = floats([batch], pairWeights);
  }
  for (const head of heads) {
    const dims = [batch, headSizes[head]];
    feeds[`logits.${head}`] = floats(dims, (given[head] as Rows).flat());
    feeds[targetName(head)] = floats(dims, (targets[head] as Rows).flat());
    feeds[rowWeightName(head)] = floats([batch], rowWeights[head] as number[]);
    if (!distillation) continue;
    feeds[softTargetName(head)] = floats(dims, (softTargets[head] as Rows).flat());
    feeds[softRowWeightName(head)] = floats([batch], softRowWeights);
  }
  const results = await session.run(feeds);
  await session.close();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name.replace("Loss", ""), Number(data[0])]),
  );
}

const lossWeights = { emotion: 1, goemotions: 0.5, pad: 3, emobank: 2, readiness: 4, support: 0.3 };

describe("losses", () => {
  test("are those of plain JavaScript, summed over rows by weight and over heads by weight", async () => {
    const found = await run(headNames, lossWeights);
    let total = 0;
    for (const head of headNames) {
      const expected = sum(
        (logits[head] as Rows).map((row, i) => {
          const loss = plain[headLosses[head]](row, (targets[head] as Rows)[i] as number[]);
          return loss * ((rowWeights[head] as number[])[i] as number);
        }),
      );
      assert.ok(Math.abs((found[head] as number) - expected) < 1e-5 * Math.max(1, expected), head);
      total += lossWeights[head] * expected;
    }
    assert.ok(Math.abs((found.total as number) - total) < 1e-4);
  });

  test("of a student: the label's and the teacher's, the latter on logits over T, times T² but for regressions", async () => {
    const temperature = 3;
    const found = await run(headNames, lossWeights, logits, { temperature, similarity: 0 });
    for (const head of headNames) {
      const rule = headLosses[head];
      const softened = rule === "square" ? 1 : temperature;
      const expected = sum(
        (logits[head] as Rows).map((row, i) => {
          const soft = row.map((logit) => logit / softened);
          const hard = plain[rule](row, (targets[head] as Rows)[i] as number[]);
          const followed = softened ** 2 * plain[rule](soft, (softTargets[head] as Rows)[i] as number[]);
          return (
            hard * ((rowWeights[head] as number[])[i] as number) + followed * (softRowWeights[i] as number)
          );
        }),
      );
      assert.ok(Math.abs((found[head] as number) - expected) < 1e-5 * Math.max(1, expected), head);
    }
  });

  test("of similarity: squared differences of cosines, each pair by the weights of its rows, times its own weight", async () => {
    const following = { temperature: 1, similarity: 7 };
    const [without, found] = [
      await run(headNames, lossWeights, logits, { ...following, similarity: 0 }),
      await run(headNames, lossWeights, logits, following),
    ];
    const product = (i: number, j: number): number =>
      sum((pooled[i] as number[]).map((value, k) => value * (pooled[j]?.[k] as number)));
    let expected = 0;
    for (let i = 0; i < batch; i++) {
      for (let j = 0; j < batch; j++) {
        const cosine = product(i, j) / Math.sqrt(product(i, i) * product(j, j));
        const weight = (pairWeights[i] as number) * (pairWeights[j] as number);
        expected += weight * (cosine - (alike[i]?.[j] as number)) ** 2;
      }
    }
    assert.ok(expected > 0.05);
    assert.ok(Math.abs((found.similarity as number) - expected) < 1e-6, `${found.similarity}: ${expected}`);
    const added = (found.total as number) - (without.total as number);
    assert.ok(Math.abs(added - 7 * expected) < 1e-4);
    assert.ok(!("similarity" in without));
  });

  test("stay finite and right for logits far out", async () => {
    const far = Object.fromEntries(
      headNames.map((head) => [head, draw(headSizes[head], () => (random.float() < 0.5 ? -300 : 300))]),
    );
    for (const [name, loss] of Object.entries(await run(headNames, lossWeights, far))) {
      assert.ok(Number.isFinite(loss) && loss >= 0, `${name}: ${loss}`);
    }
  });

  test("are built for the heads asked for only", async () => {
    assert.deepEqual(Object.keys(await run(["pad"], lossWeights)).sort(), ["pad", "total"]);
  });
});
