import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { encodeModel, Graph } from "../graph/index.js";
import { initializeParameters } from "../model/parameter.js";
import { ConstantParameters } from "../model/parameter-source.js";
import { Session } from "../runtime/session.js";
import { buildValueInference, fixedParameters, listValueParameters } from "./network.js";

const sizes = { features: 5, summary: 2, hidden: 8, gainHidden: 4, heads: 3 };

async function open(change: (arrays: Map<string, Float32Array>) => void = () => {}) {
  const specs = listValueParameters(sizes);
  const arrays = initializeParameters(specs, Random.seeded(1));
  change(arrays);
  const graph = new Graph();
  buildValueInference(graph, new ConstantParameters(graph, specs, arrays), sizes);
  const session = await Session.open(encodeModel(graph));
  return {
    async run(values: readonly number[], known: readonly number[]): Promise<number[]> {
      const dims = [values.length / sizes.features, sizes.features];
      const outputs = await session.run({
        values: { type: "float32", dims, data: Float32Array.from(values) },
        known: { type: "float32", dims, data: Float32Array.from(known) },
      });
      const outcome = outputs.outcome;
      assert.deepEqual(outcome?.dims, [dims[0], 3, 6]);
      return [...(outcome.data as Float32Array)];
    },
    close: () => session.close(),
  };
}

describe("value network", () => {
  test("what is masked has no say, whatever stands in its place", async () => {
    const network = await open((arrays) => arrays.get(fixedParameters.mean)?.fill(0.7));
    const known = [1, 0, 1, 1, 0];
    const one = await network.run([1, 0, 3, 4, 0], known);
    assert.deepEqual(await network.run([1, 9, 3, 4, -7], known), one);
    assert.notDeepEqual(await network.run([1, 9, 3, 4, -7], [1, 1, 1, 1, 1]), one);
    await network.close();
  });

  test("each head adds its levels to its own none; the outcome's scale is put back at the end", async () => {
    const plain = await open();
    const scaled = await open((arrays) => {
      arrays.get(fixedParameters.outcomeMean)?.fill(10);
      arrays.get(fixedParameters.outcomeScale)?.fill(2);
    });
    const inputs = [
      [1, 2, 3, 4, 5],
      [1, 1, 1, 1, 1],
    ] as const;
    const from = await plain.run(...inputs);
    (await scaled.run(...inputs)).forEach((value, i) => {
      assert.ok(Math.abs(value - (10 + 2 * (from[i] as number))) < 1e-4);
    });
    const onlyNone = await open((arrays) => {
      arrays.get("none.heads.weight")?.fill(0);
      arrays.get("none.heads.bias")?.set([1, 2, 3]);
      // Mild is the second of the five levels above none.
      const bias = arrays.get("gain.heads.bias") as Float32Array;
      for (let head = 0; head < 3; head++) bias[head * 5 + 1] = 0.5;
    });
    assert.deepEqual(
      await onlyNone.run(...inputs),
      [1, 1, 1.5, 1, 1, 1, 2, 2, 2.5, 2, 2, 2, 3, 3, 3.5, 3, 3, 3],
    );
    await Promise.all([plain.close(), scaled.close(), onlyNone.close()]);
  });
});
