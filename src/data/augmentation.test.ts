import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { validateText } from "../text/input.js";
import { augment } from "./augmentation.js";
import { loadCorpus } from "./corpora.js";

const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 80 })
  // What holds no letter that can be seen (Hangul fillers are letters, too) never passes the input gate.
  .filter((value) => /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(value));
const strength = fc.double({ min: 0, max: 1, noNaN: true });

describe("augment", () => {
  test("never leaves a text nobody can read, and is the same for the same seed", () => {
    fc.assert(
      fc.property(text, fc.integer(), strength, (value, seed, much) => {
        const changed = augment(value, Random.seeded(seed), much);
        assert.equal(validateText(changed, "test"), changed);
        assert.equal(augment(value, Random.seeded(seed), much), changed);
      }),
      { numRuns: 500 },
    );
  });

  test("a word is not dropped where only an invisible filler would be left", () => {
    for (let seed = 0; seed < 200; seed++) {
      assert.match(augment("the \uffa0", Random.seeded(seed), 1), /[a-z]/i);
    }
  });

  test("a text without letters stays as it is", () => {
    for (const value of [":(", "...", "😀", "?!", "."]) {
      for (let seed = 0; seed < 50; seed++) assert.equal(augment(value, Random.seeded(seed), 1), value);
    }
  });

  test("no strength, no change", () => {
    fc.assert(
      fc.property(text, fc.integer(), (value, seed) =>
        assert.equal(augment(value, Random.seeded(seed), 0), value),
      ),
    );
  });

  test("on learner texts: light, varied, negations, marks of feeling and digits kept", async () => {
    const { examples } = await loadCorpus("learner");
    const random = Random.seeded(9);
    const feeling = (value: string): string =>
      (value.match(/[!?\d]|\p{Extended_Pictographic}/gu) ?? []).join("");
    const negations = (value: string): number =>
      value.replaceAll("'", "").match(/\b(not|no|never|nothing|[a-z]+nt)\b/gi)?.length ?? 0;
    let changes = 0;
    const texts = examples.slice(0, 2000).map((example) => example.text.replaceAll("’", "'"));
    for (const value of texts) {
      const changed = augment(value, random, 1);
      if (changed !== value) changes++;
      assert.equal(feeling(changed), feeling(value));
      assert.ok(Math.abs(changed.length - value.length) <= 12 + value.length / 8, `${value} → ${changed}`);
      assert.ok(negations(changed) >= negations(value), `${value} → ${changed}`);
    }
    assert.ok(changes > texts.length * 0.6 && changes < texts.length, String(changes));
  });
});
