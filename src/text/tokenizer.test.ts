import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { Tokenizer, withNamedEmoji } from "./tokenizer.js";

interface Parity {
  readonly maxLength: number;
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const readJson = (path: string | URL): unknown => JSON.parse(readFileSync(path, "utf8"));

/** A tokenizer.json small enough to read: `a b c`, pieces of `abc`, brackets as special tokens. */
const tiny = (): Record<string, unknown> => ({
  added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content, id) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  })),
  truncation: { max_length: 4, strategy: "LongestFirst", stride: 0 },
  padding: { strategy: { Fixed: 16 }, direction: "Right", pad_id: 0, pad_type_id: 0, pad_token: "[PAD]" },
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "BertProcessing",
    sep: ["[SEP]", 3],
    cls: ["[CLS]", 2],
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: { "[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, a: 4, b: 5, "##b": 6, "##c": 7, "!": 8 },
  },
});

const wellFormed = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .filter((text) => !/\p{Surrogate}/u.test(text));
const anyUnicode = fc
  .array(
    fc.integer({ min: 0, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff),
    { maxLength: 40 },
  )
  .map((points) => String.fromCodePoint(...points));

describe("Tokenizer on a tiny vocabulary", () => {
  const tokenizer = Tokenizer.fromJson(tiny());

  test("knows its special ids", () => {
    assert.deepEqual(
      [tokenizer.padId, tokenizer.unknownId, tokenizer.vocabularySize, tokenizer.specialTokens],
      [0, 1, 9, 2],
    );
  });

  test("ignores the file's own truncation and padding", () => {
    assert.deepEqual(tokenizer.encode("a a a a a a", 32), {
      ids: Int32Array.of(2, 4, 4, 4, 4, 4, 4, 3),
      tokens: 6,
      truncated: false,
      unknown: 0,
    });
  });

  test("cuts at the right and keeps the closing token", () => {
    assert.deepEqual(tokenizer.encode("ABC! z", 5), {
      ids: Int32Array.of(2, 4, 6, 7, 3),
      tokens: 5,
      truncated: true,
      unknown: 1,
    });
  });

  test("an empty text is the special tokens alone", () => {
    assert.deepEqual([...tokenizer.encode("", 8).ids], [2, 3]);
    assert.deepEqual(tokenizer.windows("", 8, 2), { windows: [Int32Array.of(2, 3)], tokens: 0, unknown: 0 });
  });

  test("sets Han characters of every plane apart", () => {
    assert.deepEqual([...tokenizer.encode("a一b", 9).ids], [2, 4, 1, 5, 3]);
    assert.deepEqual([...tokenizer.encode("a\u{20000}b", 9).ids], [2, 4, 1, 5, 3]);
  });

  test("windows overlap as asked and end with the text", () => {
    const { windows } = tokenizer.windows("a b a b a b a", 5, 1);
    assert.deepEqual(
      windows.map((ids) => [...ids]),
      [
        [2, 4, 5, 4, 3],
        [2, 4, 5, 4, 3],
        [2, 4, 5, 4, 3],
      ],
    );
  });

  test("windows cover all tokens, none twice but for the overlap", () => {
    const plan = fc.record({ text: wellFormed, room: fc.integer({ min: 1, max: 9 }), overlap: fc.nat(8) });
    fc.assert(
      fc.property(plan, ({ text, room, overlap }) => {
        fc.pre(overlap < room);
        const whole = tokenizer.encode(text, 100_000);
        const { windows, tokens, unknown } = tokenizer.windows(text, room + 2, overlap);
        const joined = windows.flatMap((ids, i) => [...ids.subarray(i === 0 ? 1 : 1 + overlap, -1)]);
        assert.deepEqual(joined, [...whole.ids.subarray(1, -1)]);
        assert.deepEqual([tokens, unknown], [whole.tokens, whole.unknown]);
        for (const ids of windows) {
          assert.ok(ids.length <= room + 2);
          assert.deepEqual([ids[0], ids[ids.length - 1]], [2, 3]);
        }
      }),
    );
  });

  test("refuses lengths that leave no room", () => {
    const usage = { name: "AppError", code: "USAGE" };
    for (const length of [2, 0, -1, 3.5, Number.NaN])
      assert.throws(() => tokenizer.encode("a", length), usage);
    for (const overlap of [3, -1, 0.5]) assert.throws(() => tokenizer.windows("a", 5, overlap), usage);
  });

  test("refuses what is not a tokenizer, naming what is wrong", () => {
    const without = (key: string): Record<string, unknown> =>
      Object.fromEntries(Object.entries(tiny()).filter(([name]) => name !== key));
    const model = tiny().model as Record<string, unknown>;
    const broken: readonly unknown[] = [
      null,
      undefined,
      "{}",
      [],
      {},
      ...Object.keys(tiny())
        .filter((key) => key !== "truncation" && key !== "padding")
        .map(without),
      { ...tiny(), model: { ...model, type: "BPE" } },
      { ...tiny(), model: { ...model, unk_token: "[NONE]" } },
      { ...tiny(), model: { ...model, vocab: {} } },
      { ...tiny(), normalizer: { type: "Nonsense" } },
      { ...tiny(), padding: { pad_token: "<none>" } },
    ];
    for (const file of broken) {
      assert.throws(
        () => Tokenizer.fromJson(file),
        (error) => error instanceof AppError && error.code === "TOKENIZER_INVALID",
        JSON.stringify(file)?.slice(0, 80),
      );
    }
    assert.throws(() => Tokenizer.fromJson(tiny(), "config"), { code: "TOKENIZER_INVALID" });
  });
});

for (const name of ["all-MiniLM-L6-v2", "all-mpnet-base-v2"]) {
  const folder = join(process.env.ATTUNE_MODELS ?? "", name);
  const skip = !process.env.ATTUNE_MODELS
    ? "ATTUNE_MODELS is not set"
    : existsSync(join(folder, "tokenizer.json"))
      ? false
      : `no tokenizer.json in ${folder}`;

  describe(`Tokenizer of ${name}`, { skip }, () => {
    const load = (): Tokenizer =>
      Tokenizer.fromJson(
        readJson(join(folder, "tokenizer.json")),
        readJson(join(folder, "tokenizer_config.json")),
      );

    test("gives the reference's ids", () => {
      const tokenizer = load();
      const fixture = new URL(`../../../test/fixtures/parity-${name}.json`, import.meta.url);
      const { maxLength, cases } = readJson(fixture) as Parity;
      assert.equal(cases.length, 20);
      for (const { text, ids } of cases) {
        assert.deepEqual([...tokenizer.encode(text, maxLength).ids], ids, text.slice(0, 60));
      }
    });

    test("never throws on well-formed Unicode and stays within its vocabulary", () => {
      const tokenizer = load();
      fc.assert(
        fc.property(fc.oneof(wellFormed, anyUnicode), (text) => {
          const { ids, tokens, unknown } = tokenizer.encode(text, 32);
          assert.ok(ids.length <= 32 && unknown <= tokens);
          for (const id of ids) assert.ok(id >= 0 && id < tokenizer.vocabularySize);
        }),
        { numRuns: 500 },
      );
    });
  });
}

describe("a tokenizer whose file names emoji", () => {
  test("reads them by name, where the plain one knows nothing of them", () => {
    const file = tiny();
    (file.model as { vocab: Record<string, number> }).vocab.lion = 9;
    const named = Tokenizer.fromJson(withNamedEmoji(file));
    assert.deepEqual([...named.encode("a 🦁", 8).ids], [2, 4, 9, 3]);
    assert.equal(named.encode("🦁", 8).unknown, 0);
    assert.equal(Tokenizer.fromJson(file).encode("a 🦁", 8).unknown, 1);
  });

  test("says so in the file itself, so that whoever reads it does the same", () => {
    const again = JSON.parse(JSON.stringify(withNamedEmoji(tiny())));
    assert.equal(Tokenizer.fromJson(again).encode("🦁", 8).tokens, 1);
    assert.deepEqual(again.attune, { emoji: "names" });
    assert.throws(() => withNamedEmoji("x"), { code: "TOKENIZER_INVALID" });
  });
});
