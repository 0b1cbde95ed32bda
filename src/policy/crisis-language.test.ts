import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { findCrisisLanguage, normalizeForPhrases } from "./crisis-language.js";

/** Messages a human has to see, by the kind that is expected. */
const alarming: Readonly<Record<string, readonly string[]>> = {
  suicide: [
    "I want to kill myself",
    "i wanna die",
    "honestly i just want to die rn",
    "I don’t want to live anymore",
    "dont wanna be here anymore",
    "I wish I was never born",
    "everyone would be better off without me",
    "thinking about suicide again",
    "im going to end it all tonight",
    "kms",
    "no reason to live",
    "i wish i was dead",
    "I took all my pills",
    "I'm tired of being alive.",
    "nobody would even care if i died",
    "K1LL MYSELF",
    "k​ill myself",
    "I’m gonna unalive myself",
    "this is my last day",
    "I can't go on living",
    "I want to jump off a bridge",
  ],
  "self-harm": [
    "I cut myself yesterday",
    "i keep hurting myself",
    "i started self-harming",
    "slit my wrists",
  ],
  abuse: [
    "my dad hits me when I get bad grades",
    "he touches me and I don't like it",
    "I was raped",
    "I'm scared to go home",
    "my stepfather beats us",
    "my mom won't let me... she doesnt let me eat",
    "my uncle made me touch him",
    "I am being abused at home",
  ],
  violence: ["I'm going to shoot up the school", "tomorrow i bring a knife to school"],
};

describe("findCrisisLanguage", () => {
  for (const [kind, texts] of Object.entries(alarming)) {
    test(`finds ${kind} as people write it`, () => {
      for (const text of texts) assert.deepEqual(findCrisisLanguage(text), { kind, language: "en" }, text);
    });
  }

  test("a denial of the deed is found as well, and so is what is denied of life", () => {
    for (const text of [
      "I would never kill myself",
      "I don't want to kill myself, I'm just tired",
      "not suicidal",
      "I do not want to live",
      "I never want to wake up",
    ]) {
      assert.notEqual(findCrisisLanguage(text), undefined, text);
    }
  });

  test("knows the plainest phrases of fourteen more languages", () => {
    const phrases: Readonly<Record<string, string>> = {
      es: "no quiero vivir más",
      fr: "J’ai envie de mourir",
      de: "Ich will nicht mehr leben",
      pt: "não quero mais viver",
      it: "Voglio morire",
      nl: "ik wil dood",
      pl: "chcę umrzeć",
      tr: "ölmek istiyorum",
      ru: "Я не хочу жить",
      ar: "أريد أن أموت",
      hi: "मैं मरना चाहता हूँ",
      zh: "我想死",
      ja: "もう死にたいです",
      ko: "죽고 싶어요",
    };
    for (const [language, text] of Object.entries(phrases)) {
      assert.equal(findCrisisLanguage(text)?.language, language, text);
    }
  });

  test("leaves the everyday talk of learners alone", () => {
    for (const text of [
      "this homework is killing me",
      "I'm dying of laughter",
      "it finally hit me how fractions work",
      "I want to diet less",
      "my brother beat me at chess",
      "can you cut the equation in half",
      "I hate this, I give up",
      "I can't do this anymore, it's too hard",
      "the deadline is tomorrow and I'm dead tired",
      "who killed Caesar, and why?",
      "I'm done with exercise 4",
      "skill issue",
      "my last note was about photosynthesis",
      "ich will das lernen",
      "je veux comprendre",
      "no quiero estudiar",
      "the gas is poisoning the catalyst",
      "the teacher hit the whiteboard",
    ]) {
      assert.equal(findCrisisLanguage(text), undefined, text);
    }
  });

  test("what surrounds a phrase, its case and marks between words do not hide it", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(alarming).flat()),
        fc.array(word, { maxLength: 5 }),
        fc.constantFrom(" ", "  ", "\n", " ... ", ", "),
        fc.boolean(),
        (phrase, before, gap, loud) => {
          const spread = phrase.replaceAll(" ", gap);
          const text = [...before, loud ? spread.toUpperCase() : spread].join(" ");
          assert.notEqual(findCrisisLanguage(text), undefined, text);
        },
      ),
    );
  });

  test("a deployment's own phrases are looked for too, time after time", () => {
    const own = [/blue code/gu];
    for (let i = 0; i < 3; i++)
      assert.deepEqual(findCrisisLanguage("Blue-Code now", own), { kind: "other", language: "own" });
    assert.equal(findCrisisLanguage("Blue-Code now"), undefined);
  });

  test("normalising twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const once = normalizeForPhrases(text);
        assert.equal(normalizeForPhrases(once), once);
      }),
    );
  });
});
