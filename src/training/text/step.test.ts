import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import { Random } from "../../base/random.js";
import type { Example } from "../../data/example.js";
import type { EncoderConfig } from "../../model/encoder-config.js";
import { listEncoderParameters } from "../../model/encoder-parameters.js";
import { listHeadParameters } from "../../model/heads.js";
import { initializeParameters } from "../../model/parameter.js";
import { ParameterMemory } from "../memory.js";
import { AdamW } from "../optimizer.js";
import type { TrainedParameter } from "../trained-parameter.js";
import { Trainer, type TrainingBatch } from "./step.js";
import { buildTargets, type Distillation } from "./target.js";

const config: EncoderConfig = {
  type: "bert",
  vocabularySize: 40,
  hidden: 16,
  layers: 2,
  heads: 2,
  intermediate: 32,
  maxPositions: 16,
  typeVocabularySize: 2,
  positionOffset: 0,
  padTokenId: 0,
  layerNormEpsilon: 1e-12,
  hiddenActivation: "gelu",
};
const lossWeights = { emotion: 1, goemotions: 1, pad: 3, emobank: 3, readiness: 3, support: 0.3 };
const labelShares = { emotion: 1, goemotions: 1, pad: 1, emobank: 1, readiness: 1, support: 1 };
const rates = { encoderLearningRate: 3e-3, headLearningRate: 1e-2, gradientScale: 1 };

interface Options {
  readonly heads?: readonly HeadName[];
  /** Everywhere, or only on the pooled vector. */
  readonly dropout?: number | { readonly pooled: number };
  readonly freeze?: (name: string) => boolean;
  readonly accumulate?: boolean;
  /** How much the teacher's vectors count; not followed unless told. */
  readonly similarity?: number;
}

async function open(
  options: Options = {},
): Promise<{ memory: ParameterMemory; trainer: Trainer; specs: TrainedParameter[] }> {
  const { heads = headNames, dropout = 0, freeze = () => false, accumulate = false, similarity } = options;
  const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)].map((spec) => ({
    ...spec,
    frozen: freeze(spec.name),
  }));
  const memory = new ParameterMemory(specs, { ema: false, accumulate });
  for (const [name, data] of initializeParameters(specs, Random.seeded(1))) memory.weights(name).set(data);
  const everywhere = typeof dropout === "number" ? dropout : 0;
  const { pooled } = typeof dropout === "number" ? { pooled: dropout } : dropout;
  const probabilities = { pooled, hidden: everywhere, attention: everywhere };
  const distillation = similarity === undefined ? null : { temperature: 1, similarity };
  const trainer = await Trainer.open(
    { config, parameters: specs, heads, lossWeights, dropout: probabilities, distillation },
    memory,
    { threads: 2 },
  );
  return { memory, trainer, specs };
}

/** Example i has i + 2 words of its own and every label. */
const examples: readonly Example[] = Array.from({ length: 8 }, (_, i) => ({
  id: `${i}`,
  text: "",
  split: "train",
  emotion: { primary: 5 * i, also: [] },
  goemotions: [i, i + 9],
  pad: [i / 8, 1 - i / 8, 0.5],
  emobank: [0.5, i / 8, 0.2],
  readiness: i / 8,
  support: i % 6,
}));

interface BatchOptions {
  readonly rows?: number;
  readonly heads?: readonly HeadName[];
  readonly blank?: boolean;
  readonly distillation?: Distillation;
}

/** The examples of these places, padded to the longest. `rows` are those of the whole step. */
function batchOf(places: readonly number[], options: BatchOptions = {}): TrainingBatch {
  const { rows = places.length, heads = headNames, blank = false, distillation } = options;
  const tokens = Math.max(...places) + 2;
  const ids = new BigInt64Array(places.length * tokens);
  const mask = new BigInt64Array(places.length * tokens);
  places.forEach((place, row) => {
    for (let i = 0; i < place + 2; i++) {
      ids[row * tokens + i] = BigInt(1 + 4 * place + (i % 4));
      mask[row * tokens + i] = 1n;
    }
  });
  const chosen = places.map((place): Example => {
    const example = examples[place] as Example;
    return blank ? { id: example.id, text: "", split: "train", emotion: { primary: 1, also: [] } } : example;
  });
  const settings = { heads, alsoShare: 0, labelSmoothing: 0, labelShares, distillation };
  const targets = buildTargets(chosen, settings, rows);
  return { ids, mask, batch: places.length, tokens, targets };
}

const all = examples.map((_, i) => i);

describe("a training step", () => {
  test("of 8 rows has the gradients of 2 × 4 rows accumulated, whatever the padding of each part", async () => {
    const whole = await open();
    const parts = await open({ accumulate: true });
    const random = Random.seeded(1);
    const loss = await whole.trainer.computeGradients(batchOf(all), random);
    const optimizer = new AdamW(parts.memory);
    let total = 0;
    for (const places of [all.slice(0, 4), all.slice(4)]) {
      total += (await parts.trainer.computeGradients(batchOf(places, { rows: 8 }), random)).total;
      optimizer.accumulate();
    }
    assert.ok(Math.abs(loss.total - total) < 1e-4 * loss.total, `${loss.total} is ${total}`);
    const [one, two] = [whole.memory.all("gradients"), parts.memory.all("accumulated")];
    const largest = one.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    one.forEach((x, i) => {
      assert.ok(Math.abs(x - (two[i] as number)) < 1e-5 * largest, `[${i}]: ${x} is ${two[i]}`);
    });
    const [a, b] = [new AdamW(whole.memory).step(rates), optimizer.step(rates)];
    assert.ok(Math.abs(a.gradientNorm - b.gradientNorm) < 1e-4 * a.gradientNorm);
    await whole.trainer.close();
    await parts.trainer.close();
  });

  test("repeated from the same seed gives the same weights bit by bit, and others from another seed", async () => {
    const train = async (seed: number): Promise<Buffer> => {
      const { memory, trainer } = await open({ dropout: 0.1 });
      const optimizer = new AdamW(memory);
      const random = Random.seeded(seed);
      for (let step = 0; step < 20; step++) {
        const places = random.shuffle([...all]).slice(0, 4);
        await trainer.computeGradients(batchOf(places), random);
        optimizer.step(rates);
      }
      await trainer.close();
      const weights = memory.all("weights");
      return Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength);
    };
    const [one, same, other] = [await train(1), await train(1), await train(2)];
    assert.ok(one.equals(same), "the same seed, the same bits");
    assert.ok(!one.equals(other), "another seed, other weights");
  });

  test("repeated on a few examples learns them by heart", async () => {
    const { memory, trainer } = await open();
    const optimizer = new AdamW(memory, { weightDecay: 0 });
    const random = Random.seeded(1);
    const batch = batchOf(all);
    const first = await trainer.computeGradients(batch, random);
    let last = first;
    for (let step = 0; step < 200; step++) {
      optimizer.step(rates);
      last = await trainer.computeGradients(batch, random);
    }
    await trainer.close();
    assert.ok((first.parts.emotion as number) > 3, "from chance");
    for (const head of ["emotion", "pad", "emobank", "readiness"] as const)
      assert.ok((last.parts[head] as number) < 0.03, `${head}: ${last.parts[head]}`);
    assert.ok((last.parts.goemotions as number) < 0.2, `goemotions: ${last.parts.goemotions}`);
    // Its targets are spread over the levels, so that their own entropy is the least there is.
    const floor = examples.reduce((sum, { support = 0 }) => {
      const shares = all
        .slice(0, headSizes.support)
        .map((level) => Math.exp(-1.8 * Math.abs(level - support)));
      const total = shares.reduce((a, b) => a + b);
      return sum - shares.reduce((entropy, p) => entropy + (p / total) * Math.log(p / total), 0) / 8;
    }, 0);
    const support = last.parts.support as number;
    assert.ok(support >= floor - 1e-4 && support < floor + 0.05, `support: ${support}, at least ${floor}`);
  });

  test("leaves frozen parameters as they are and moves every other", async () => {
    const freeze = (name: string): boolean => name.startsWith("embeddings.") || name.startsWith("layer.0.");
    const { memory, trainer, specs } = await open({ freeze });
    const before = new Map(specs.map(({ name }) => [name, memory.weights(name).slice()]));
    const optimizer = new AdamW(memory);
    for (let step = 0; step < 2; step++) {
      await trainer.computeGradients(batchOf(all), Random.seeded(1));
      optimizer.step(rates);
    }
    await trainer.close();
    for (const { name } of specs) {
      // A key's bias moves every score of a query alike, which softmax undoes: its gradient is rounding.
      if (name.endsWith("key.bias")) continue;
      const moved = memory.weights(name).some((x, i) => x !== before.get(name)?.[i]);
      assert.equal(moved, !freeze(name), name);
    }
  });

  test("gives nothing to a head without labels", async () => {
    const { memory, trainer } = await open();
    const losses = await trainer.computeGradients(batchOf(all, { blank: true }), Random.seeded(1));
    await trainer.close();
    for (const head of headNames) {
      const gradient = memory.gradient(`head.${head}.weight`);
      assert.equal(
        gradient.some((x) => x !== 0),
        head === "emotion",
        head,
      );
      assert.equal((losses.parts[head] as number) > 0, head === "emotion", head);
    }
  });

  test("makes texts alike that the teacher finds alike, by the vector that is served: without dropout", async () => {
    const { memory, trainer } = await open({ dropout: { pooled: 0.5 }, similarity: 10 });
    // Two kinds of text, nothing in common.
    const findVector = ({ id }: Example): Float32Array =>
      Float32Array.of(Number(id) % 2, 1 - (Number(id) % 2));
    const distillation = { find: () => undefined, findVector, temperature: 1, weight: 0.5, share: 1 };
    const batch = batchOf(all, { distillation });
    const optimizer = new AdamW(memory, { weightDecay: 0 });
    const [first, other] = [
      await trainer.computeGradients(batch, Random.seeded(1)),
      await trainer.computeGradients(batch, Random.seeded(2)),
    ];
    assert.equal(first.parts.similarity, other.parts.similarity);
    assert.notEqual(first.parts.emotion, other.parts.emotion);
    let last = other;
    for (let step = 0; step < 100; step++) {
      optimizer.step(rates);
      last = await trainer.computeGradients(batch, Random.seeded(step));
    }
    await trainer.close();
    const [begin = 0, end = 1] = [first.parts.similarity, last.parts.similarity];
    assert.ok(begin > 0.2 && end < begin / 4, `${begin} to ${end}`);
  });

  test("of some heads neither asks for nor touches the others", async () => {
    const heads = ["pad", "readiness"] as const;
    const { memory, trainer } = await open({ heads });
    const losses = await trainer.computeGradients(batchOf(all, { heads }), Random.seeded(1));
    await trainer.close();
    assert.deepEqual(Object.keys(losses.parts), [...heads]);
    assert.ok(memory.gradient("head.emotion.weight").every((x) => x === 0));
    assert.ok(memory.gradient("head.pad.weight").some((x) => x !== 0));
  });

  test("gives the words of its own batch a gradient and forgets those of the last", async () => {
    const { memory, trainer } = await open();
    const table = memory.gradient("embeddings.word");
    const touched = (): number[] =>
      Array.from({ length: config.vocabularySize }, (_, id) => id).filter((id) =>
        table.subarray(id * config.hidden, (id + 1) * config.hidden).some((x) => x !== 0),
      );
    await trainer.computeGradients(batchOf([0, 1]), Random.seeded(1));
    assert.deepEqual(touched(), [1, 2, 5, 6, 7]);
    await trainer.computeGradients(batchOf([2, 3]), Random.seeded(1));
    assert.deepEqual(touched(), [9, 10, 11, 12, 13, 14, 15, 16]);
    await trainer.close();
  });
});
