import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import type { Moment } from "./moment.js";
import { momentFromJson, momentToJson } from "./moment-json.js";
import { validateMoment } from "./moment-validation.js";

const even = (length: number): number[] => Array.from({ length }, () => 1 / length);

const reading = {
  emotion: even(41),
  pad: [0.2, 0.5, 0.9] as const,
  readiness: 0.4,
  support: even(6),
  embedding: Float32Array.of(0.1, -2, 3e-40, -0),
  model: { name: "attune-small", version: "1" },
};

const whole: Moment = {
  at: 1_700_000_000_000,
  reading,
  behavior: { attempts: 2, correct: false, itemDifficulty: 0.5 },
  context: { subject: "algebra", language: "de", itemId: "7" },
  intervention: { level: 2, decidedBy: "guard:crisis", propensity: 0.25 },
  text: "I am lost",
};

/** The message of a refusal with this code. */
function refusal(code: string, work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, /^test: .+: (expected .+, got .+|unknown key, .+); .+/);
    return error.message;
  }
  throw new assert.AssertionError({ message: "it was not refused" });
}

const probabilities = (length: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => values.map((value) => value / values.reduce((sum, one) => sum + one, 0)));

const unit = fc.double({ min: 0, max: 1, noNaN: true });

const anyMoment: fc.Arbitrary<Moment> = fc.record(
  {
    at: fc.double({ min: 0, max: 1e15, noNaN: true }),
    reading: fc.record({
      emotion: probabilities(41),
      pad: fc.tuple(unit, unit, unit),
      readiness: unit,
      support: probabilities(6),
      embedding: fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true }),
      model: fc.record({ name: fc.string({ minLength: 1 }), version: fc.string({ minLength: 1 }) }),
    }),
    behavior: fc.record(
      { attempts: fc.nat(), correctStreak: fc.integer(), idleMs: unit },
      { requiredKeys: [] },
    ),
    context: fc.record({ itemId: fc.string({ minLength: 1, maxLength: 256 }) }, { requiredKeys: [] }),
    intervention: fc.record({
      level: fc.constantFrom(0, 1, 2, 3, 4, 5),
      decidedBy: fc.constantFrom("policy", "guard:crisis"),
      propensity: fc.double({ min: 0.001, max: 1, noNaN: true }),
    }),
    text: fc.string(),
  },
  { requiredKeys: ["at"] },
);

describe("moments as JSON", () => {
  test("come back to the bit through real JSON, the embedding as base64 of little-endian floats", () => {
    const json = momentToJson(whole);
    // cdcccc3d, 000000c0, 47440300, 00000080.
    assert.equal(json.reading?.embedding, "zczMPQAAAMBHRAMAAAAAgA==");
    assert.deepEqual(momentFromJson(JSON.parse(JSON.stringify(json)), "test"), whole);
    assert.deepEqual(momentToJson({ at: 3 }), { at: 3 });
  });

  test("every sound moment comes back equal", () => {
    fc.assert(
      fc.property(anyMoment, (given) => {
        const moment = validateMoment(given, "test");
        const back = momentFromJson(JSON.parse(JSON.stringify(momentToJson(moment))), "test");
        assert.deepEqual(back, moment);
      }),
    );
  });

  test("a damaged embedding is named", () => {
    const json = momentToJson(whole);
    for (const embedding of ["", "AAAA", "AAAAAA", "????????", "AAAAAA==\n", 7, [0.1], undefined]) {
      const message = refusal("DATA_INVALID", () =>
        momentFromJson({ ...json, reading: { ...json.reading, embedding } }, "test"),
      );
      assert.match(message, /reading\.embedding: expected base64 of 32-bit floats, got/);
    }
    const infinite = Buffer.from(Float32Array.of(Number.POSITIVE_INFINITY).buffer).toString("base64");
    assert.match(
      refusal("DATA_INVALID", () =>
        momentFromJson({ ...json, reading: { ...json.reading, embedding: infinite } }, "test"),
      ),
      /reading\.embedding: .*all of them finite/,
    );
  });
});

describe("validateMoment", () => {
  test("returns a frozen copy that shares nothing with what was given", () => {
    const given = { ...whole, reading: { ...reading, embedding: Float32Array.of(1, 2), emotion: even(41) } };
    const kept = validateMoment(given, "test");
    assert.deepEqual(kept, given);
    given.reading.embedding[0] = 9;
    given.reading.emotion[0] = 9;
    assert.equal(kept.reading?.embedding[0], 1);
    assert.equal(kept.reading?.emotion[0], 1 / 41);
    assert.ok(
      Object.isFrozen(kept) && Object.isFrozen(kept.reading) && Object.isFrozen(kept.reading?.emotion),
    );
  });

  test("refuses by path what is missing, unknown, of another type, length or range", () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /the moment: expected object, got nothing/],
      [[], /the moment: expected object, got \[\]/],
      [{}, /at: expected a finite time in ms since 1970, 0 or more, got nothing/],
      [{ at: -1 }, /at: expected a finite time .*, got -1/],
      [{ at: Number.NaN }, /at: .*, got NaN/],
      [{ at: Number.POSITIVE_INFINITY }, /at: .*, got Infinity/],
      [{ at: "2024" }, /at: .*, got "2024"/],
      [{ at: 1, behaviour: {} }, /behaviour: unknown key, did you mean behavior\?/],
      [{ at: 1, behavior: { idleMs: -1 } }, /behavior\.idleMs: expected a finite number of milliseconds/],
      [
        { at: 1, behavior: { hintsUsed: 0, bottomOutHints: 1 } },
        /behavior\.bottomOutHints: expected at most/,
      ],
      [{ at: 1, context: { itemID: "1" } }, /context\.itemID: unknown key, did you mean itemId\?/],
      [{ at: 1, text: 3 }, /text: expected text, got 3/],
    ];
    for (const [value, message] of cases) {
      assert.match(
        refusal("INPUT_TYPE", () => validateMoment(value, "test")),
        message,
      );
    }
  });

  test("refuses a reading whose numbers cannot be what they are said to be", () => {
    const nan = Float32Array.of(0, Number.NaN);
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ emotion: even(40) }, /reading\.emotion: expected 41 probabilities, got/],
      [
        { emotion: [...even(40), Number.NaN] },
        /reading\.emotion\[40\]: expected a number from 0 to 1, got NaN/,
      ],
      [
        { emotion: even(41).map((value) => value * 2) },
        /reading\.emotion: expected probabilities that sum to 1/,
      ],
      [{ support: even(7) }, /reading\.support: expected 6 probabilities, got/],
      [
        { support: [2, -1, 0, 0, 0, 0] },
        /reading\.support\[0\]: .*, got 2; reading\.support\[1\]: .*, got -1/,
      ],
      [{ pad: [0.1, 0.2] }, /reading\.pad/],
      [{ pad: [0.1, 0.2, 1.2] }, /reading\.pad\[2\]: expected a number from 0 to 1, got 1\.2/],
      [{ readiness: Number.NaN }, /reading\.readiness: expected a number from 0 to 1, got NaN/],
      [
        { embedding: [0.1] },
        /reading\.embedding: expected a Float32Array of at least one number, got \[0\.1\]/,
      ],
      [{ embedding: new Float32Array() }, /reading\.embedding: .*, got a Float32Array/],
      [{ embedding: nan }, /reading\.embedding\[1\]: expected a finite number, got NaN/],
      [{ embedding: undefined }, /reading\.embedding: .*, got nothing/],
      [
        { model: { name: "", version: "1" } },
        /reading\.model\.name: expected at least one character, got ""/,
      ],
      [{ model: { name: "a" } }, /reading\.model\.version: .*, got nothing/],
    ];
    for (const [change, message] of cases) {
      const value = { at: 1, reading: { ...reading, ...change } };
      assert.match(
        refusal("INPUT_TYPE", () => validateMoment(value, "test")),
        message,
      );
    }
  });

  test("refuses an intervention nothing can be learned from", () => {
    const sound = { level: 1, decidedBy: "policy", propensity: 1 };
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ level: 6 }, /intervention\.level: expected a support level, 0 to 5, got 6/],
      [{ level: 1.5 }, /intervention\.level/],
      [{ propensity: 0 }, /intervention\.propensity: expected a probability above 0, at most 1, got 0/],
      [{ propensity: 1.1 }, /intervention\.propensity/],
      [{ propensity: undefined }, /intervention\.propensity: .*, got nothing/],
      [{ decidedBy: "guard:" }, /intervention\.decidedBy: expected policy or guard:NAME, got "guard:"/],
      [{ decidedBy: "somebody" }, /intervention\.decidedBy/],
    ];
    assert.deepEqual(validateMoment({ at: 1, intervention: sound }, "test"), { at: 1, intervention: sound });
    for (const [change, message] of cases) {
      const value = { at: 1, intervention: { ...sound, ...change } };
      assert.match(
        refusal("INPUT_TYPE", () => validateMoment(value, "test")),
        message,
      );
    }
  });
});
