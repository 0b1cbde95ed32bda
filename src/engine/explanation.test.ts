import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { explainWords, listSpans, maxReadings } from "./explanation.js";

const words = (text: string, tokens = 10): string[] =>
  listSpans(text, tokens).map(({ start, end }) => text.slice(start, end));

describe("listSpans", () => {
  test("words, and runs of signs between them", () => {
    assert.deepEqual(words("I don't  get it :( ugh!!! 😭😭"), [
      "I",
      "don't",
      "get",
      "it",
      ":(",
      "ugh",
      "!!!",
      "😭😭",
    ]);
    assert.deepEqual(words("¿Qué? 分からない").slice(0, 3), ["¿", "Qué", "?"]);
  });

  test("spans lie in order, never overlap, and cover all that can be seen", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 1, max: 9000 }),
        (text, tokens) => {
          let rest = "";
          let last = 0;
          for (const { start, end } of listSpans(text, tokens)) {
            assert.ok(start >= last && end > start && end <= text.length);
            rest += text.slice(last, start);
            last = end;
          }
          assert.equal((rest + text.slice(last)).trim(), "");
        },
      ),
    );
  });

  test("a long message is explained whole, in runs, within the readings it may cost", () => {
    const text = Array.from({ length: 3000 }, (_, i) => `w${i}`).join(" ");
    assert.equal(listSpans(text, 400).length, maxReadings);
    const coarse = listSpans(text, 4000);
    assert.ok(coarse.length <= 25 && coarse.length >= 20);
    assert.equal(coarse.at(-1)?.end, text.length);
  });
});

describe("explainWords", () => {
  test("influence is the fall of the log-probability when the word is left out", async () => {
    const text = "so very stuck";
    const probability = (part: string) =>
      part.includes("stuck") ? (part.includes("very") ? 0.8 : 0.4) : 0.1;
    const got = await explainWords(text, 3, 0.8, async (texts) => texts.map(probability));
    assert.deepEqual(
      got.map(({ word, start, end }) => [word, start, end]),
      [
        ["so", 0, 2],
        ["very", 3, 7],
        ["stuck", 8, 13],
      ],
    );
    const influence = got.map((entry) => entry.influence.toFixed(4));
    assert.deepEqual(influence, ["0.0000", Math.log(2).toFixed(4), Math.log(8).toFixed(4)]);
  });
});
