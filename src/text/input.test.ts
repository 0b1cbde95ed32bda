import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { maxCharacters, validateText } from "./input.js";

const codeOf = (value: unknown): string => {
  try {
    validateText(value, "test");
    return "ok";
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.match(error.message, /^test: expected .+, got .+; .+/);
    return error.code;
  }
};

describe("validateText", () => {
  test("returns what can be read unchanged", () => {
    for (const text of ["a", " ok ", "?", "😀", "我", "é", "\0a", "👩‍👩‍👧", "1", "ᄀ"]) {
      assert.equal(validateText(text, "test"), text);
    }
    assert.equal(codeOf("x".repeat(maxCharacters)), "ok");
  });

  test("refuses what is not a string", () => {
    for (const value of [undefined, null, 3, true, {}, ["a"], Symbol("a"), () => "a"]) {
      assert.equal(codeOf(value), "INPUT_TYPE");
    }
  });

  test("refuses what nobody can see", () => {
    const blanks = [
      "",
      " ",
      "\n\t ",
      "\0",
      "\u200b\u200d",
      "\ufeff",
      "\u00ad",
      "\u3000",
      "\u2800",
      "\u3164",
      "\ufe0f",
    ];
    for (const text of [...blanks, "\u0301", "\ufffd\ufffd", "\u{e0020}", "\ue000", blanks.join("")]) {
      assert.equal(codeOf(text), "INPUT_EMPTY", JSON.stringify(text));
    }
  });

  test("refuses what is too long", () => {
    assert.equal(codeOf("x".repeat(maxCharacters + 1)), "INPUT_TOO_LONG");
    assert.equal(codeOf("😀".repeat(maxCharacters / 2 + 1)), "INPUT_TOO_LONG");
  });

  test("refuses half a surrogate pair wherever it stands", () => {
    for (const text of ["\ud83d", "a\ud83d", "\ude00a", "a\ude00\ud83db"]) {
      assert.equal(codeOf(text), "INPUT_ENCODING");
    }
  });

  test("any value is either returned as it is or refused with an input code", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: "binary" })), (value) => {
        assert.match(codeOf(value), /^(ok|INPUT_(TYPE|EMPTY|ENCODING|TOO_LONG))$/);
      }),
    );
  });
});
