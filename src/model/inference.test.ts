import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headNames, headSizes } from "../base/head.js";
import { Random } from "../base/random.js";
import { Session, type Tensor } from "../runtime/session.js";
import type { EncoderConfig } from "./encoder-config.js";
import { listEncoderParameters } from "./encoder-parameters.js";
import { listHeadParameters } from "./heads.js";
import { encodeInference, type Precision } from "./inference.js";
import { initializeParameters, type ParameterSpec } from "./parameter.js";
import type { RoundingOptions } from "./rounding/quantized-parameters.js";

const config: EncoderConfig = {
  type: "bert",
  vocabularySize: 50,
  hidden: 32,
  layers: 2,
  heads: 4,
  intermediate: 64,
  maxPositions: 16,
  positionOffset: 0,
  typeVocabularySize: 2,
  layerNormEpsilon: 1e-12,
  hiddenActivation: "gelu",
  padTokenId: 0,
};
// Wider than BERT's, so that answers differ from text to text.
const wide = (spec: ParameterSpec): ParameterSpec =>
  spec.initial.kind === "normal" ? { ...spec, initial: { kind: "normal", deviation: 0.2 } } : spec;
const specs = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)].map(wide);
const arrays = initializeParameters(specs, Random.seeded(5));

const texts = [
  [2, 10, 11, 12, 3],
  [2, 40, 3],
  [2, 20, 21, 22, 23, 24, 25, 3],
];

/** Answers to rows of ids, run together with padding. */
async function answer(
  precision: Precision,
  rows: readonly number[][],
  options?: RoundingOptions,
): Promise<Record<string, Tensor>> {
  const { bytes } = encodeInference(config, specs, arrays, precision, options);
  const session = await Session.open(bytes, { threads: 1 });
  try {
    const tokens = Math.max(...rows.map(({ length }) => length));
    const lay = (at: (row: readonly number[], i: number) => number) =>
      BigInt64Array.from(rows.flatMap((row) => Array.from({ length: tokens }, (_, i) => BigInt(at(row, i)))));
    const dims = [rows.length, tokens];
    return await session.run({
      input_ids: { type: "int64", dims, data: lay((row, i) => row[i] ?? 0) },
      attention_mask: { type: "int64", dims, data: lay((row, i) => (i < row.length ? 1 : 0)) },
    });
  } finally {
    await session.close();
  }
}

const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data ?? [], Number);
const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));

describe("the graph that ships", () => {
  test("puts out every head and the pooled vector, for any batch", async () => {
    const results = await answer("fp32", texts);
    assert.deepEqual(Object.keys(results).sort(), [...headNames, "pooled"].sort());
    for (const head of headNames) assert.deepEqual(results[head]?.dims, [3, headSizes[head]]);
    assert.deepEqual(results.pooled?.dims, [3, 32]);
  });

  for (const precision of ["fp32", "int8"] as const) {
    test(`${precision}: a text is answered alike alone and among others`, async () => {
      const together = numbers((await answer(precision, texts)).emotion);

      const allowed = precision === "fp32" ? 1e-5 : 1e-3;
      for (const [i, text] of texts.entries()) {
        const alone = numbers((await answer(precision, [text])).emotion);
        const difference = worst(alone, together.slice(i * 41, (i + 1) * 41));
        assert.ok(difference < allowed, `${precision} text ${i}: ${difference}`);
      }
      assert.ok(worst(together.slice(0, 41), together.slice(41, 82)) > 0.5, "texts differ");
    });
  }

  test("8 bits answer nearly as 32, in a fraction of the room, and the same way each time", async () => {
    const [int8, fp32] = [await answer("int8", texts), await answer("fp32", texts)];
    for (const head of headNames) {
      const [rounded, exact] = [numbers(int8[head]), numbers(fp32[head])];
      const size = Math.max(...exact.map(Math.abs));
      assert.ok(worst(rounded, exact) < 0.1 * size, `${head}: ${worst(rounded, exact)} of ${size}`);
      assert.notDeepEqual(rounded, exact);
    }
    const encode = (precision: Precision) => encodeInference(config, specs, arrays, precision);
    assert.ok(encode("int8").bytes.length < 0.6 * encode("fp32").bytes.length);
    assert.deepEqual(encode("int8").bytes, encode("int8").bytes);
    assert.deepEqual(encode("fp32").rounding, []);
    const { rounding } = encode("int8");
    assert.equal(rounding.length, 1 + 6 * config.layers); // the word table and six products a layer
    assert.ok(rounding.every(({ relativeError }) => relativeError > 0 && relativeError < 0.02));
  });

  test("words in 4 bits take half the room, and texts are read nearly as with 8", async () => {
    const [four, eight] = [await answer("int8", texts, { wordBits: 4 }), await answer("int8", texts)];
    for (const [i] of texts.entries()) {
      const [a, b] = [four, eight].map(({ pooled }) => numbers(pooled).slice(i * 32, (i + 1) * 32)) as [
        number[],
        number[],
      ];
      const dot = (x: readonly number[], y: readonly number[]): number =>
        x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
      const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      assert.ok(cosine > 0.98 && cosine < 0.999999, `text ${i}: ${cosine}`);
    }
    const encode = (options?: RoundingOptions) => encodeInference(config, specs, arrays, "int8", options);
    assert.deepEqual(encode({ wordBits: 8 }).bytes, encode().bytes);
    const cut = 50 * (32 / 2 - 1); // half of every row, less the byte of its block's scale
    const saved = encode().bytes.length - encode({ wordBits: 4 }).bytes.length;
    assert.ok(saved < cut && saved > cut - 2000, `${saved} of ${cut}`); // the nodes that unpack take some of it here
  });
});
