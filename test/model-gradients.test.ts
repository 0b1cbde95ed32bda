/** @file The whole training graph, BERT and MPNet with every head and dropout, against central differences. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headNames } from "../src/base/head.js";
import { Random } from "../src/base/random.js";
import type { Example } from "../src/data/example.js";
import type { EncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { listHeadParameters } from "../src/model/heads.js";
import { initializeParameters } from "../src/model/parameter.js";
import { Session, type Tensor } from "../src/runtime/session.js";
import { buildTrainingNetwork, wordTable } from "../src/training/text/network.js";
import { buildTargets } from "../src/training/text/target.js";
import { gradientName } from "../src/training/trained-parameter.js";
import { differentiate } from "./central-difference.js";

const shared = {
  vocabularySize: 12,
  hidden: 16,
  layers: 2,
  heads: 2,
  intermediate: 24,
  maxPositions: 9,
  layerNormEpsilon: 1e-5,
  hiddenActivation: "gelu",
} as const;

const encoders: Readonly<Record<string, EncoderConfig>> = {
  BERT: { ...shared, type: "bert", typeVocabularySize: 2, positionOffset: 0, padTokenId: 0 },
  MPNet: {
    ...shared,
    type: "mpnet",
    typeVocabularySize: 0,
    positionOffset: 2,
    padTokenId: 1,
    relativeAttentionBuckets: 8,
  },
};

/** Every label, one without the learner's, one with nothing but an emotion. */
const examples: readonly Example[] = [
  {
    id: "a",
    text: "a",
    split: "train",
    emotion: { primary: 3, also: [5, 40] },
    goemotions: [1, 27],
    pad: [0.2, 0.7, 0.4],
    emobank: [0.5, 0.6, 0.1],
    readiness: 0.8,
    support: 2,
  },
  { id: "b", text: "b", split: "train", goemotions: [], emobank: [0.9, 0.2, 0.3] },
  { id: "c", text: "c", split: "train", emotion: { primary: 40, also: [] } },
];

const [batch, tokens] = [3, 5];
/** Word 4 is in two texts and twice in one; two texts are padded. */
const ids = [4, 5, 4, 6, 7, 8, 4, 9, 0, 0, 10, 11, 0, 0, 0];
const mask = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0];

const integers = (data: readonly number[]): Tensor => ({
  type: "int64",
  dims: [batch, tokens],
  data: BigInt64Array.from(data, BigInt),
});

/** The rows' gradients added up by word, `[vocabulary,hidden]`. */
function addRows(rows: Float32Array, config: EncoderConfig): Float32Array {
  const table = new Float32Array(config.vocabularySize * config.hidden);
  ids.forEach((id, row) => {
    for (let i = 0; i < config.hidden; i++) {
      const at = id * config.hidden + i;
      table[at] = (table[at] as number) + (rows[row * config.hidden + i] as number);
    }
  });
  return table;
}

/** Places of the `n` largest magnitudes. */
const findLargest = (values: Float32Array, n: number): number[] =>
  [...values.keys()]
    .sort((a, b) => Math.abs(values[b] as number) - Math.abs(values[a] as number))
    .slice(0, n);

for (const [family, config] of Object.entries(encoders)) {
  describe(`the training graph of a tiny ${family}`, () => {
    const random = Random.seeded(7);
    const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)].map((spec) =>
      spec.initial.kind === "normal"
        ? { ...spec, initial: { kind: "normal", deviation: 0.4 } as const }
        : spec,
    );
    const parameters = initializeParameters(specs, random);
    // Norms and biases off their usual start, so that no gradient is right by chance.
    for (const data of parameters.values())
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + 0.1 * random.normal();
    const network = buildTrainingNetwork({
      config,
      parameters: specs,
      heads: headNames,
      lossWeights: { emotion: 1, goemotions: 0.3, pad: 3, emobank: 2, readiness: 3, support: 0.5 },
      dropout: { pooled: 0.2, hidden: 0.2, attention: 0.2 },
    });
    const shares = { emotion: 1, goemotions: 0.5, pad: 1, emobank: 1, readiness: 0.4, support: 1 };
    const targets = buildTargets(
      examples,
      { heads: headNames, alsoShare: 0.2, labelSmoothing: 0.1, labelShares: shares },
      batch,
    );
    const feeds: Record<string, Tensor> = {
      input_ids: integers(ids),
      attention_mask: integers(mask),
      ...targets.feeds,
      ...network.dropout.draw(random, { batch, tokens }),
    };
    for (const { name, shape } of specs) {
      feeds[name] = { type: "float32", dims: shape, data: parameters.get(name) as Float32Array };
    }

    test("has the gradient of every parameter, right at its largest places and along a random direction", async () => {
      const session = await Session.open(network.model, { threads: 1 });
      const loss = async (): Promise<number> =>
        Number(((await session.run(feeds, ["loss"])).loss as Tensor).data[0]);
      const analytic = await session.run(feeds);
      assert.deepEqual(
        [...network.dense.map(({ name }) => name), wordTable].sort(),
        specs.map(({ name }) => name).sort(),
      );
      for (const { name } of specs) {
        const found = analytic[gradientName(name)]?.data as Float32Array;
        const gradient = name === wordTable ? addRows(found, config) : found;
        const data = parameters.get(name) as Float32Array;
        const kept = data.slice();
        const along = async (direction: (place: number) => number): Promise<void> => {
          const expected = await differentiate((shift) => {
            for (let i = 0; i < data.length; i++) data[i] = (kept[i] as number) + shift * direction(i);
            return loss();
          }, 1 / 64);
          data.set(kept);
          const got = gradient.reduce((sum, g, i) => sum + g * direction(i), 0);
          assert.ok(
            Math.abs(got - expected) <= 1e-3 + 1e-2 * Math.abs(expected),
            `${name}: expected a slope of ${expected} by central differences, got ${got}`,
          );
        };
        for (const place of findLargest(gradient, 3)) await along((i) => (i === place ? 1 : 0));
        const direction = Float32Array.from(data, () => random.normal());
        const length = Math.hypot(...direction);
        await along((i) => (direction[i] as number) / length);
      }
      await session.close();
    });
  });
}
