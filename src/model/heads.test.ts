import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, floats } from "../../test/evaluate-graph.js";
import { headNames, headSizes } from "../base/head.js";
import { Random } from "../base/random.js";
import type { Graph } from "../graph/index.js";
import { applyHeads, listHeadParameters } from "./heads.js";
import { initializeParameters } from "./parameter.js";
import { ConstantParameters } from "./parameter-source.js";

describe("heads", () => {
  test("each have a weight that decays and a bias that does not, on the heads' learning rate", () => {
    const specs = listHeadParameters(8);
    assert.equal(specs.length, 2 * headNames.length);
    for (const { name, shape, group, decay } of specs) {
      const [, head, part] = name.split(".") as [string, keyof typeof headSizes, string];
      assert.deepEqual(shape, part === "weight" ? [8, headSizes[head]] : [headSizes[head]], name);
      assert.equal(group, "heads");
      assert.equal(decay, part === "weight");
    }
  });

  test("give pooled · weight + bias, one logit a class", async () => {
    const hidden = 4;
    const specs = listHeadParameters(hidden).map((spec) => ({
      ...spec,
      initial: { kind: "normal", deviation: 1 } as const,
    }));
    const arrays = initializeParameters(specs, Random.seeded(2));
    const pooled = [0.5, -1, 2, 0.25, 1, 1, 1, 1];
    const outputs = await evaluate(
      (x, ...rest) => {
        assert.equal(rest.length, 0);
        if (x === undefined) throw new Error("the pooled vector is the one input");
        const source = new ConstantParameters(x.graph as Graph, specs, arrays);
        const logits = applyHeads(x, source);
        return headNames.map((head) => logits[head]);
      },
      floats([2, hidden], pooled),
    );
    headNames.forEach((head, at) => {
      const [weight, bias] = ["weight", "bias"].map((part) => arrays.get(`head.${head}.${part}`)) as [
        Float32Array,
        Float32Array,
      ];
      assert.deepEqual(outputs[at]?.dims, [2, headSizes[head]]);
      outputs[at]?.data.forEach((logit, i) => {
        const [row, label] = [Math.floor(i / headSizes[head]), i % headSizes[head]];
        let expected = bias[label] as number;
        for (let k = 0; k < hidden; k++)
          expected += (pooled[row * hidden + k] as number) * (weight[k * headSizes[head] + label] as number);
        assert.ok(Math.abs(logit - expected) < 1e-5, `${head}[${i}]`);
      });
    });
  });
});
