import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { integers } from "../../test/evaluate-graph.js";
import { Random } from "../base/random.js";
import { encodeModel, Graph } from "../graph/index.js";
import { Session, type Tensor } from "../runtime/session.js";
import { encode, poolMean } from "./encoder.js";
import { type EncoderConfig, readEncoderConfig } from "./encoder-config.js";
import { layerOf, listEncoderParameters } from "./encoder-parameters.js";
import { initializeParameters } from "./parameter.js";
import { ConstantParameters, InputParameters } from "./parameter-source.js";
import { loadWeights } from "./weights.js";

type Arrays = ReadonlyMap<string, Float32Array>;

/** Runs texts, given as ids of any lengths, through the encoder in one padded batch: a pooled vector each. */
type Pool = (texts: readonly (readonly number[])[]) => Promise<Float32Array[]>;

async function open(
  config: EncoderConfig,
  arrays: Arrays,
  kind: "inputs" | "constants",
): Promise<[Session, Pool]> {
  const specs = listEncoderParameters(config);
  const graph = new Graph();
  const ids = graph.input("ids", "int64", ["batch", "tokens"]);
  const mask = graph.input("mask", "int64", ["batch", "tokens"]);
  const parameters =
    kind === "inputs" ? new InputParameters(graph, specs) : new ConstantParameters(graph, specs, arrays);
  graph.output("pooled", poolMean(encode(config, { ids, mask, parameters }), mask));
  const session = await Session.open(encodeModel(graph), { threads: 2, memoryPattern: false });
  const weights: Record<string, Tensor> = {};
  for (const { name, shape } of specs) {
    if (session.inputs.includes(name))
      weights[name] = { type: "float32", dims: shape, data: arrays.get(name) as Float32Array };
  }
  const pool: Pool = async (texts) => {
    const tokens = Math.max(...texts.map((text) => text.length));
    const padded = texts.flatMap((text) => [...text, ...Array(tokens - text.length).fill(config.padTokenId)]);
    const kept = texts.flatMap((text) => Array.from({ length: tokens }, (_, i) => Number(i < text.length)));
    const dims = [texts.length, tokens];
    const { pooled } = await session.run({
      ...weights,
      ids: integers(dims, padded),
      mask: integers(dims, kept),
    });
    return texts.map((_, i) =>
      (pooled as Tensor & { type: "float32" }).data.slice(i * config.hidden, (i + 1) * config.hidden),
    );
  };
  return [session, pool];
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, x, i) => Math.max(largest, Math.abs(x - (b[i] as number))), 0);

const shared = {
  vocabularySize: 20,
  hidden: 16,
  layers: 2,
  heads: 2,
  intermediate: 24,
  maxPositions: 12,
  layerNormEpsilon: 1e-12,
  hiddenActivation: "gelu",
} as const;

const tiny: Readonly<Record<string, EncoderConfig>> = {
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

for (const [family, config] of Object.entries(tiny)) {
  describe(`a tiny ${family}`, () => {
    const specs = listEncoderParameters(config).map((spec) => ({
      ...spec,
      initial: { kind: "normal", deviation: 0.5 } as const,
    }));
    const arrays = initializeParameters(specs, Random.seeded(5));
    const texts = [
      [4, 5, 6, 7, 8],
      [9, 3],
      [5, 4, 6, 7, 8, 10, 11],
    ];

    test("gives a text the same vector alone and beside longer ones", async () => {
      const [session, pool] = await open(config, arrays, "inputs");
      const together = await pool(texts);
      for (const [i, text] of texts.entries()) {
        const [alone] = await pool([text]);
        assert.ok(largestDifference(alone as Float32Array, together[i] as Float32Array) < 1e-5, `text ${i}`);
      }
      await session.close();
    });

    test("is the same from inputs and from constants", async () => {
      const [one, fromInputs] = await open(config, arrays, "inputs");
      const [two, fromConstants] = await open(config, arrays, "constants");
      const [a, b] = [await fromInputs(texts), await fromConstants(texts)];
      a.forEach((vector, i) => {
        assert.ok(largestDifference(vector, b[i] as Float32Array) < 1e-5);
      });
      await one.close();
      await two.close();
    });

    test("minds the order of words", async () => {
      const [session, pool] = await open(config, arrays, "inputs");
      const [forward, backward] = await pool([
        [4, 5, 6],
        [6, 5, 4],
      ]);
      assert.ok(largestDifference(forward as Float32Array, backward as Float32Array) > 1e-2);
      await session.close();
    });

    test("knows the layer of each of its parameters", () => {
      const layers = specs.map(({ name }) => layerOf(name));
      assert.deepEqual([...new Set(layers)], [-1, 0, 1]);
      assert.equal(layerOf("head.emotion.weight"), undefined);
    });
  });
}

test("a parameter that is not the model's own is refused by name", () => {
  const graph = new Graph();
  for (const source of [new InputParameters(graph, []), new ConstantParameters(graph, [], new Map())]) {
    assert.throws(() => source.value("layer.9.query.weight"), {
      code: "WEIGHTS_MISMATCH",
      message: "parameter: expected one of the model's own, got layer.9.query.weight; check the name",
    });
  }
});

interface Parity {
  readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly meanPooled: number[] }[];
}

for (const name of ["all-MiniLM-L6-v2", "all-mpnet-base-v2"]) {
  const folder = join(process.env.ATTUNE_MODELS ?? "", name);
  const skip = !process.env.ATTUNE_MODELS
    ? "ATTUNE_MODELS is not set"
    : existsSync(join(folder, "model.safetensors"))
      ? false
      : `no model.safetensors in ${folder}`;

  test(`${name} gives the reference's pooled vectors within 1e-4, alone and in padded batches`, {
    skip,
  }, async (t) => {
    const config = await readEncoderConfig(folder);
    const arrays = await loadWeights(folder, listEncoderParameters(config));
    const fixture = new URL(`../../../test/fixtures/parity-${name}.json`, import.meta.url);
    const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as Parity;
    assert.equal(cases.length, 20);
    const [session, pool] = await open(config, arrays, "inputs");
    let worst = 0;
    const compare = (
      vector: Float32Array | undefined,
      { text, meanPooled }: Parity["cases"][number],
    ): void => {
      assert.equal(vector?.length, meanPooled.length);
      const difference = largestDifference(vector ?? [], meanPooled);
      assert.ok(difference < 1e-4, `${text.slice(0, 60)}: off by ${difference}`);
      worst = Math.max(worst, difference);
    };
    for (const one of cases) compare((await pool([one.ids]))[0], one);
    const short = cases.filter(({ ids }) => ids.length < 40);
    const vectors = await pool(short.map(({ ids }) => ids));
    short.forEach((one, i) => {
      compare(vectors[i], one);
    });
    t.diagnostic(`largest difference ${worst.toExponential(1)}`);
    await session.close();
  });
}
