import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { uncalibrated } from "../calibration/fit.js";
import { loadLearner } from "../data/corpora/learner.js";
import { textKey } from "../data/corpus-reader.js";
import type { Analysis } from "../emotion/analysis.js";
import { type EmotionId, emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { composeAnalysis } from "../engine/composition.js";
import { validateText } from "../text/input.js";
import { type ChallengeSet, type Expectation, loadChallenges } from "./challenge-set.js";
import { describeAnswer, describeExpectation, findMissed, measureChallenges } from "./challenges.js";

const folder = await mkdtemp(join(tmpdir(), "attune-challenges-"));
after(() => rm(folder, { recursive: true }));

const answer = (change: Partial<Parameters<typeof findMissed>[1]> = {}) =>
  ({ emotion: "joy", confidence: 0.9, pleasure: 0.8, uncertain: false, ...change }) as const;

describe("findMissed", () => {
  test("each field, met and missed", () => {
    for (const [expected, met] of [
      [{ anyOf: ["joy", "elation"] }, true],
      [{ anyOf: ["anger"] }, false],
      [{ noneOf: ["anger"] }, true],
      [{ noneOf: ["anger", "joy"] }, false],
      [{ pleasure: "high" }, true],
      [{ pleasure: "middle" }, false],
      [{ pleasure: "low" }, false],
      [{ uncertain: true }, false],
      [{ uncertain: true, unless: ["joy"] }, true],
      [{ uncertain: true, unless: ["anger"] }, false],
    ] satisfies [Expectation, boolean][]) {
      assert.deepEqual(
        findMissed(expected, answer()),
        met ? [] : Object.keys(expected).filter((key) => key !== "unless"),
        JSON.stringify(expected),
      );
    }
    assert.deepEqual(findMissed({ anyOf: ["anger"], pleasure: "low" }, answer()), ["anyOf", "pleasure"]);
  });

  test("no certainty is claimed by a reason of doubt, or by a confidence under one half", () => {
    const missed = (change: Parameters<typeof answer>[0]) =>
      findMissed({ uncertain: true }, answer(change)).length;
    assert.equal(missed({ uncertain: "unfamiliar_text" }), 0);
    assert.equal(missed({ confidence: 0.49 }), 0);
    assert.equal(missed({ confidence: 0.5 }), 1);
  });

  test("the limits of pleasure themselves are outside, and every pleasure is low, middle or high", () => {
    const are = (pleasure: number) =>
      (["low", "middle", "high"] as const).filter(
        (name) => findMissed({ pleasure: name }, answer({ pleasure })).length === 0,
      );
    assert.deepEqual([0, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 1].map(are), [
      ["low"],
      ["low"],
      ["low", "middle"],
      ["middle"],
      ["middle"],
      ["middle"],
      ["middle", "high"],
      ["high"],
      ["high"],
    ]);
  });

  test("the same list as anyOf and as noneOf: one of them is missed, never both", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...emotionIds), { minLength: 1 }),
        fc.constantFrom(...emotionIds),
        (list, emotion) => {
          const missed = (expected: Expectation) => findMissed(expected, answer({ emotion })).length;
          assert.equal(missed({ anyOf: list }) + missed({ noneOf: list }), 1);
        },
      ),
    );
  });
});

/** Answers with the emotion that the text names; refuses a text that asks for it. */
const engine = {
  async analyze(text: string): Promise<Analysis> {
    if (text === "refuse")
      throw new AppError("INPUT_ENCODING", "analyze: expected text, got none; send some");
    const favoured = emotionIndex(text.split(" ")[0] ?? "");
    return composeAnalysis(
      {
        emotion: Float32Array.from({ length: 41 }, (_, i) => (i === favoured ? 9 : 0)),
        goemotions: new Float32Array(28),
        pad: Float32Array.of(2, 0, 0),
        emobank: new Float32Array(3),
        readiness: new Float32Array(1),
        support: new Float32Array(6),
      },
      { characters: text.length, tokens: 4, unknown: 0 },
      { name: "fake", version: "1.0.0", calibration: uncalibrated },
      () => 1,
    ).analysis;
  },
};
const item = (id: string, text: string, expect: Expectation) => ({ id, text, expect });
const sets: readonly ChallengeSet[] = [
  {
    name: "first",
    items: [
      item("a", "joy one", { anyOf: ["joy"], pleasure: "high" }),
      item("b", "joy two", { anyOf: ["anger", "fear"], pleasure: "low" }),
      item("c", "fear three", { anyOf: ["anger", "fear"] }),
      item("d", "refuse", { anyOf: ["anger", "joy"], pleasure: "low" }),
    ],
  },
  { name: "second", items: [item("e", "joy four", { uncertain: true, unless: ["joy"] })] },
];

describe("measureChallenges", () => {
  test("shares, failing items and the best constant come out as built; a refused item is one failure", async () => {
    const steps: [number, number][] = [];
    const figures = await measureChallenges(engine, sets, { seed: 3, resamples: 200 }, (done, total) =>
      steps.push([done, total]),
    );
    assert.deepEqual(Object.keys(figures.sets), ["first", "second"]);
    const { first, second } = figures.sets;
    assert.equal(first?.asExpected.value, 0.5);
    assert.ok(first.asExpected.low < 0.5 && first.asExpected.high > 0.5);
    assert.deepEqual(second?.asExpected, { value: 1, low: 1, high: 1 });
    assert.deepEqual([figures.rows, figures.asExpected.value], [5, 0.6]);
    // Anger meets b, c and d: its prototype's pleasure is low.
    assert.deepEqual(first.constant, { emotion: "anger", share: 0.75 });
    assert.deepEqual(figures.constant, { emotion: "anger", share: 0.8 });
    assert.deepEqual(second.failures, []);
    const [b, d] = first.failures;
    assert.deepEqual(
      [b?.id, b?.text, b?.expected],
      ["b", "joy two", { anyOf: ["anger", "fear"], pleasure: "low" }],
    );
    assert.ok(b && "missed" in b.got);
    assert.equal(b.got.emotion, "joy");
    assert.deepEqual(b.got.missed, ["anyOf", "pleasure"]);
    assert.deepEqual([d?.id, d?.got], ["d", { error: "INPUT_ENCODING" }]);
    assert.equal(first.failures.length, 2);
    assert.deepEqual([first.missed, first.missedInDoubt, figures.missed], [2, 0, 2]);
    assert.deepEqual(steps, [
      [4, 5],
      [5, 5],
    ]);
  });

  test("of the misses, those called uncertain are counted", async () => {
    const doubt = "low_confidence" as const;
    const unsure = {
      analyze: async (text: string) => ({ ...(await engine.analyze(text)), uncertain: doubt }),
    };
    const figures = await measureChallenges(unsure, sets, { seed: 3, resamples: 10 });
    // The refused one has nothing to say of doubt.
    assert.deepEqual([figures.missed, figures.missedInDoubt], [2, 1]);
  });

  test("an error without a code of ours is no answer", async () => {
    const broken = { analyze: () => Promise.reject(new TypeError("a bug")) };
    await assert.rejects(measureChallenges(broken, sets, { seed: 1, resamples: 10 }), TypeError);
  });

  test("in words", () => {
    assert.equal(
      describeExpectation({ uncertain: true, unless: ["joy", "awe"], pleasure: "high" }),
      "pleasure high; uncertain; unless joy, awe",
    );
    assert.equal(describeExpectation({ noneOf: ["joy"] }), "not joy");
    assert.equal(describeAnswer({ error: "INPUT_EMPTY" }), "error INPUT_EMPTY");
    assert.equal(
      describeAnswer({ ...answer({ uncertain: "low_confidence" }), missed: [] }),
      "joy 0.90, pleasure 0.80, uncertain: low_confidence",
    );
  });
});

describe("loadChallenges", () => {
  const write = (name: string, ...lines: readonly unknown[]) =>
    writeFile(
      join(folder, name),
      lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\r\n`).join(""),
    );
  const good = { id: "x-1", text: "so glad", expect: { anyOf: ["joy"] }, note: "plain" };

  test("no folder, or none of the files, is data not found", async () => {
    await assert.rejects(loadChallenges(join(folder, "none")), { code: "DATA_NOT_FOUND", message: /none/ });
    await writeFile(join(folder, "README.md"), "# Sets");
    await assert.rejects(loadChallenges(folder), { code: "DATA_NOT_FOUND" });
  });

  test("sets come by file name; blank lines count as lines", async () => {
    await write("b-set.jsonl", "", good);
    await write("a.jsonl", { id: "y", text: "?", expect: { uncertain: true } });
    const loaded = await loadChallenges(folder);
    assert.deepEqual(
      loaded.map(({ name }) => name),
      ["a", "b-set"],
    );
    assert.deepEqual(loaded[1]?.items, [good]);
  });

  test("a bad line is told by file and line", async () => {
    await rm(join(folder, "a.jsonl"));
    for (const [line, message] of [
      ["{", /b-set.jsonl:3: expected a JSON object/],
      ["[]", /b-set.jsonl:3: .*expected object/],
      [{ ...good, text: " " }, /b-set.jsonl:3: text: expected text, got none/],
      [{ ...good, mood: 1 }, /b-set.jsonl:3: .*mood/],
      [{ ...good, expect: {} }, /b-set.jsonl:3: expect: expected anyOf/],
      [{ ...good, expect: { anyOf: [] } }, /b-set.jsonl:3: expect.anyOf: /],
      [{ ...good, expect: { anyOf: ["joyy"] } }, /expect.anyOf.0: expected one of the 41 .*"joyy"/],
      [{ ...good, expect: { noneOf: ["joy", "joy"] } }, /expected each emotion once/],
      [{ ...good, expect: { anyOf: ["joy"], noneOf: ["fear"] } }, /expected one of anyOf, noneOf/],
      [{ ...good, expect: { anyOf: ["joy"], unless: ["joy"] } }, /unless only beside uncertain/],
      [{ ...good, expect: { pleasure: "mid" } }, /expect.pleasure: /],
      [{ ...good, text: "other" }, /b-set.jsonl:3: expected an own id, got that of b-set.jsonl:1/],
      [{ ...good, id: "x-2", text: "So  GLAD" }, /expected an own text, got that of b-set.jsonl:1/],
    ] as const) {
      await write("b-set.jsonl", good, "", line);
      await assert.rejects(loadChallenges(folder), { code: "DATA_INVALID", message }, JSON.stringify(line));
    }
    await write("b-set.jsonl");
    await assert.rejects(loadChallenges(folder), { code: "DATA_INVALID", message: /empty file/ });
  });
});

describe("the sets that come with the package", async () => {
  const shipped = await loadChallenges();
  const itemsOf = (name: string) => shipped.find((set) => set.name === name)?.items ?? [];

  test("eight sets of at least 64 items, ids by set and number, every text one the engine takes", () => {
    assert.deepEqual(
      shipped.map(({ name }) => name),
      [
        "emoji-only",
        "emotion-words",
        "gibberish",
        "negation",
        "non-english",
        "others-feelings",
        "past-versus-present",
        "sarcasm",
      ],
    );
    for (const { name, items } of shipped) {
      assert.ok(items.length >= 64, `${name}: ${items.length}`);
      items.forEach(({ id, text }, i) => {
        assert.equal(id, `${name}-${String(i + 1).padStart(3, "0")}`);
        validateText(text, id);
      });
    }
  });

  test("every class is expected somewhere", () => {
    const expected = new Set<EmotionId>(
      shipped.flatMap(({ items }) => items.flatMap(({ expect }) => expect.anyOf ?? [])),
    );
    assert.deepEqual(
      emotionIds.filter((id) => !expected.has(id)),
      [],
    );
  });

  test("none is a text of the learner corpus", async () => {
    const known = new Set((await loadLearner()).examples.map(({ text }) => textKey(text)));
    const seen = shipped.flatMap(({ items }) => items.filter(({ text }) => known.has(textKey(text))));
    assert.deepEqual(seen, []);
  });

  test("emoji-only: one to six emoji and nothing else", () => {
    const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
    for (const { id, text } of itemsOf("emoji-only")) {
      const signs = [...graphemes.segment(text)].map(({ segment }) => segment);
      assert.ok(signs.length >= 1 && signs.length <= 6, id);
      assert.ok(
        signs.every((sign) => /^\p{Emoji}/u.test(sign) && !/[\p{L}\p{N}]/u.test(sign)),
        id,
      );
    }
  });

  test("non-english: over twenty languages, each item with its language and what it says", () => {
    const languages = itemsOf("non-english").map(({ id, note }) => {
      const code = /^([a-z]{2})\b.*: ./.exec(note ?? "")?.[1];
      assert.ok(code, id);
      return code;
    });
    assert.ok(new Set(languages).size > 20);
  });

  test("others-feelings: what is quoted is no answer, unless the writer feels it too", () => {
    for (const { id, note, expect } of itemsOf("others-feelings")) {
      const quoted = /^quoted: ([a-z_, ]+)/.exec(note ?? "")?.[1]?.split(", ") ?? [];
      if (note?.includes("too")) continue;
      for (const emotion of quoted) {
        assert.ok(emotionIndex(emotion) !== undefined, `${id}: ${emotion}`);
        const taken = answer({ emotion: emotion as EmotionId });
        const { pleasure: _, ...aboutEmotion } = expect;
        assert.ok(findMissed(aboutEmotion, taken).length > 0, `${id}: ${emotion}`);
      }
    }
  });
});
