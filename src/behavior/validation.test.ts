import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { behaviorSignalNames, behaviorSignals } from "./signals.js";
import { maxContextLength, validateBehavior, validateContext } from "./validation.js";

function refuses(
  validate: (value: unknown, where: string) => unknown,
  value: unknown,
  message: RegExp,
): void {
  assert.throws(
    () => validate(value, "test"),
    (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "INPUT_TYPE");
      assert.match(
        error.message,
        /^test: (behavior|context): .+; correct it or leave out what is not known$/,
      );
      assert.match(error.message, message);
      return true;
    },
  );
}

const whole = {
  responseTimeMs: 12_000,
  attempts: 2,
  hintsUsed: 3,
  bottomOutHints: 1,
  helpLatencyMs: 4_000.5,
  correct: false,
  correctStreak: -2,
  idleMs: 3_000,
  rapidGuess: false,
  skips: 0,
  sessionLengthMs: 600_000,
  itemDifficulty: 0.7,
  timeOnTaskMs: 15_000,
};

describe("validateBehavior", () => {
  test("returns what can be true, frozen, and without what has no value", () => {
    assert.deepEqual(Object.keys(whole), behaviorSignalNames);
    assert.deepEqual(validateBehavior(whole, "test"), whole);
    assert.deepEqual(validateBehavior({}, "test"), {});
    const given = { attempts: 1, correct: undefined, idleMs: -0 };
    const kept = validateBehavior(given, "test");
    assert.deepEqual(kept, { attempts: 1, idleMs: 0 });
    given.attempts = 9;
    assert.equal(kept.attempts, 1);
    assert.ok(Object.isFrozen(kept));
  });

  test("refuses each signal by name where its kind does not allow the value", () => {
    const bad = {
      milliseconds: [-1, Number.NaN, Number.POSITIVE_INFINITY, "3", true, null, 3n, {}, []],
      count: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", false, null],
      "signed-count": [0.5, Number.NaN, Number.NEGATIVE_INFINITY, "3", true, null],
      flag: [0, 1, "true", null, {}],
      share: [-0.01, 1.01, Number.NaN, "0.5", true, null],
    };
    for (const [name, kind] of Object.entries(behaviorSignals)) {
      for (const value of bad[kind])
        refuses(validateBehavior, { [name]: value }, new RegExp(`${name}: expected`));
    }
  });

  test("says what was found, also what JSON cannot say, all at once", () => {
    refuses(
      validateBehavior,
      { idleMs: Number.NaN, attempts: 1.5, correct: "yes" },
      /attempts: expected a whole number, 0 or more, got 1\.5; correct: expected true or false, got "yes"; idleMs: expected a finite number of milliseconds, 0 or more, got NaN;/,
    );
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    refuses(validateBehavior, { skips: circular }, /skips: expected .*, got an object;/);
    refuses(validateBehavior, { skips: Symbol("two") }, /skips: expected .*, got a symbol;/);
  });

  test("refuses unknown keys with a guess at what was meant, and what is no object", () => {
    refuses(
      validateBehavior,
      { responseTime: 1 },
      /responseTime: unknown key, did you mean responseTimeMs\?/,
    );
    refuses(validateBehavior, { hintUsed: 1 }, /hintUsed: unknown key, did you mean hintsUsed\?/);
    refuses(validateBehavior, { zebra: 1 }, /zebra: unknown key, known here: responseTimeMs, attempts,/);
    for (const value of [undefined, null, 3, "fast", [whole]]) {
      refuses(validateBehavior, value, /the whole: expected object, got/);
    }
  });

  test("refuses a part larger than its whole, and only where both are known", () => {
    refuses(
      validateBehavior,
      { hintsUsed: 1, bottomOutHints: 2 },
      /bottomOutHints: expected at most hintsUsed \(1\), of which it is a part, got 2;/,
    );
    refuses(
      validateBehavior,
      { idleMs: 11, timeOnTaskMs: 10 },
      /idleMs: expected at most timeOnTaskMs \(10\)/,
    );
    for (const value of [
      { bottomOutHints: 2 },
      { idleMs: 11 },
      { hintsUsed: 2, bottomOutHints: 2, idleMs: 5, timeOnTaskMs: 5 },
    ]) {
      assert.deepEqual(validateBehavior(value, "test"), value);
    }
  });

  test("any value is either refused with the one code or comes back equal", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.dictionary(
            fc.constantFrom(...behaviorSignalNames),
            fc.oneof(fc.double(), fc.integer(), fc.boolean()),
          ),
        ),
        (value) => {
          try {
            const kept = validateBehavior(value, "test");
            for (const [name, found] of Object.entries(kept)) {
              assert.ok(Reflect.get(value as object, name) === found, name);
            }
          } catch (error) {
            assert.ok(error instanceof AppError && error.code === "INPUT_TYPE", String(error));
          }
        },
      ),
    );
  });
});

describe("validateContext", () => {
  test("returns what is a name or a language, frozen", () => {
    const context = { subject: "algebra", activity: "quiz", language: "pt-BR", itemId: "7" };
    assert.deepEqual(validateContext(context, "test"), context);
    assert.deepEqual(validateContext({ subject: undefined }, "test"), {});
    assert.ok(Object.isFrozen(validateContext(context, "test")));
  });

  test("refuses what is empty, too long to be a name, of another type, no language, or unknown", () => {
    refuses(validateContext, { itemId: "" }, /itemId: expected 1 to 256 characters, got ""/);
    refuses(validateContext, { subject: "x".repeat(maxContextLength + 1) }, /subject: expected 1 to 256/);
    refuses(validateContext, { itemId: 7 }, /itemId: expected 1 to 256 characters, got 7/);
    for (const language of ["", "not a language", "e", "en_US"]) {
      refuses(validateContext, { language }, /language: expected a BCP 47 language tag/);
    }
    refuses(validateContext, { item: "7" }, /item: unknown key/);
    refuses(validateContext, { itemID: "7" }, /itemID: unknown key, did you mean itemId\?/);
  });
});
