import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Tokenizer } from "./tokenizer.js";
import { buildVocabulary } from "./vocabulary.js";

/** Tokens in the order of their ids. */
const tokensOf = (file: Record<string, unknown>): string[] =>
  Object.entries((file.model as { vocab: Record<string, number> }).vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token, id], i) => (id === i ? token : `${token} has id ${id}`));

describe("a vocabulary made from texts", () => {
  test("frequent words are tokens of their own, rare ones are spelt", () => {
    const file = buildVocabulary(["stuck stuck STUCK again", "again stuck", "rarely"], 79);
    const tokens = tokensOf(file);
    assert.equal(tokens.length, 79);
    assert.deepEqual(tokens.slice(0, 5), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
    assert.deepEqual(tokens.slice(-2), ["stuck", "again"]);
    const tokenizer = Tokenizer.fromJson(file);
    assert.equal(tokenizer.encode("Stuck", 16).tokens, 1);
    assert.equal(tokenizer.encode("rarely", 16).tokens, 6);
  });

  test("what it was made from holds nothing unknown, in any script", () => {
    const word = fc.stringMatching(/^[\p{Ll}\p{Lu}\p{Lo}\p{N}\p{M}\p{P}\p{S}]{1,12}$/u);
    const text = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
    const property = fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      const tokenizer = Tokenizer.fromJson(buildVocabulary(texts, 60));
      for (const one of texts) assert.equal(tokenizer.encode(one, 512).unknown, 0, one);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test("characters it never saw are unknown; the order of the texts does not matter", () => {
    const texts = ["b a", "c b", "été"];
    assert.deepEqual(buildVocabulary(texts, 100), buildVocabulary(texts.toReversed(), 100));
    const tokenizer = Tokenizer.fromJson(buildVocabulary(texts, 100));
    assert.equal(tokenizer.encode("й", 8).unknown, 1);
    assert.equal(tokenizer.encode("été", 8).unknown, 0);
  });
});
