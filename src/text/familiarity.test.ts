import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Familiarity, learnFamiliarity } from "./familiarity.js";

const texts = [
  "I think that the teacher has been there with them",
  "this is the other thing that they were thinking of",
  "when there is nothing left to do then rest",
];
const table = learnFamiliarity(texts);
const familiarity = new Familiarity(table);

describe("learnFamiliarity", () => {
  test("keeps the frequent words by frequency, and how often words are such", () => {
    assert.deepEqual(
      table.words.split(" ").slice(0, 4),
      ["that", "the", "there", "is"].sort((a, b) => {
        const count = (word: string): number =>
          texts
            .join(" ")
            .split(" ")
            .filter((w) => w === word).length;
        return count(b) - count(a) || (a < b ? -1 : 1);
      }),
    );
    assert.equal(table.commonShare, 29 / 30);
  });

  test("of many words only the most frequent thousand are known whole", () => {
    const letter = (n: number): string => String.fromCharCode(97 + n);
    const word = (i: number): string =>
      letter(Math.floor(i / 676)) + letter(Math.floor(i / 26) % 26) + letter(i % 26);
    const many = learnFamiliarity(
      Array.from({ length: 1500 }, (_, i) => `${word(i)} `.repeat(i < 1000 ? 2 : 1)),
    );
    assert.equal(many.words.split(" ").length, 1000);
    assert.equal(many.commonShare, 2000 / 2501);
  });

  test("the table is the one a manifest takes", () => {
    assert.match(table.letters, /^[A-Za-z0-9+/]{21952}$/);
    assert.deepEqual(learnFamiliarity([...texts].reverse()), table);
    assert.equal(learnFamiliarity([]).words, "");
  });
});

describe("Familiarity", () => {
  const surprise = (text: string): number => familiarity.measureSurprise(text);

  test("known words are less surprising than unknown ones spelled alike, and those than mash", () => {
    const [known, alike, mash] = [surprise("the teacher"), surprise("the tether"), surprise("xqz kjvwpfg")];
    assert.ok(known < alike && alike < mash, `${known} ${alike} ${mash}`);
  });

  test("of a word that was never there, by hand", () => {
    const one = learnFamiliarity(["ab"]);
    // After two starts: "a" once in one; every triple has ½ more, so ½ of ½ · 28 + 1 is "b".
    const rounded = (x: number): number => Math.round(x * 8) / 8;
    const never = rounded(-Math.log(0.5 / 15));
    const end = rounded(-Math.log(0.5 / 14));
    const word = never + end - Math.log(1 - 1 / 2);
    assert.ok(Math.abs(new Familiarity(one).measureSurprise("b") - (12 + word) / 8) < 1e-6);
  });

  test("of a word known whole, by hand", () => {
    const share = 2 / 3;
    const reader = new Familiarity({ words: "ab", commonShare: share, letters: "Q".repeat(28 ** 3) }); // Q is 2 nats
    const known = share + (1 - share) * Math.exp(-3 * 2);
    assert.ok(Math.abs(reader.measureSurprise("ab") - (12 - Math.log(known)) / 9) < 1e-9);
  });

  test("of a few foreign letters in training none makes the next one likely", () => {
    const mostly = [...texts, ...texts.map((text) => text.toUpperCase()), "это"];
    const reader = new Familiarity(learnFamiliarity(mostly));
    assert.ok(reader.measureSurprise("письмо") > 3);
  });

  test("another script stays surprising however long its words are", () => {
    for (const text of ["Это письмо", "تعلمت", "学习学习学习", "ελληνικά"])
      assert.ok(surprise(text) > 2.3, text);
    assert.ok(surprise("学".repeat(50)) > surprise("学"));
  });

  test("digits, signs and emoji say nothing either way", () => {
    for (const text of ["", "42 + 7 = 49", "😭😭", "?!"]) assert.equal(surprise(text), 2);
    assert.equal(surprise("the teacher 😭 42!"), surprise("THE  TEACHER"));
  });

  test("it is a finite number for any text, and does not depend on how marks are encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const value = surprise(text);
        assert.ok(Number.isFinite(value) && value >= 0);
        assert.equal(surprise(text.normalize("NFD")), surprise(text.normalize("NFC")));
      }),
    );
  });

  test("a table of nothing and one of another script make no infinity", () => {
    const nothing = new Familiarity(learnFamiliarity([]));
    const cyrillic = new Familiarity(learnFamiliarity(["это письмо о том что я понял"]));
    for (const reader of [nothing, cyrillic]) {
      for (const text of ["hello", "письмо", "x".repeat(20_000)])
        assert.ok(Number.isFinite(reader.measureSurprise(text)));
    }
    assert.ok(cyrillic.measureSurprise("письмо") < cyrillic.measureSurprise("letter"));
  });
});
