import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError, type ErrorCode } from "../base/errors.js";
import { parseMessage, parseName, parseStep } from "./request.js";

const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

describe("a call for a learner", () => {
  const cases: readonly (readonly [unknown, ErrorCode, RegExp])[] = [
    [undefined, "INPUT_TYPE", /^analyze: .*undefined|nothing/],
    ["7", "INPUT_TYPE", /the call: expected/],
    [[], "INPUT_TYPE", /the call: expected/],
    [{}, "INPUT_TYPE", /learnerId: expected a string, got undefined/],
    [{ learnerId: 7 }, "INPUT_TYPE", /learnerId: expected a string, got number/],
    [{ learnerId: "" }, "INPUT_EMPTY", /learnerId: expected an id, got an empty string/],
    [{ learnerId: "  " }, "INPUT_EMPTY", /learnerId: .*only blanks/],
    [{ learnerId: "x".repeat(257) }, "INPUT_TOO_LONG", /learnerId: .*256/],
    [{ learnerId: "\ud800" }, "INPUT_ENCODING", /learnerId: .*surrogate/],
    [{ learnerId: "1", tenantId: null }, "INPUT_TYPE", /tenantId: expected a string, got null/],
    [{ learnerId: "1", behaviour: {} }, "INPUT_TYPE", /behaviour: unknown key, did you mean behavior\?/],
    [{ learnerId: "1", learnerID: "2" }, "INPUT_TYPE", /learnerID: unknown key/],
    [{ learnerId: "1", at: -1 }, "INPUT_TYPE", /at: expected a time .*got -1/],
    [{ learnerId: "1", at: Number.NaN }, "INPUT_TYPE", /at: .*got NaN/],
    [{ learnerId: "1", at: Number.POSITIVE_INFINITY }, "INPUT_TYPE", /at: .*got Infinity/],
    [{ learnerId: "1", at: 8.65e15 }, "INPUT_TYPE", /at: .*got 8650000000000000/],
    [{ learnerId: "1", at: "2026-01-01" }, "INPUT_TYPE", /at: .*got string/],
    [{ learnerId: "1", at: null }, "INPUT_TYPE", /at: .*got object/],
    [{ learnerId: "1", at: new Date(0) }, "INPUT_TYPE", /at: .*got a Date; pass date\.getTime\(\)/],
    [
      { learnerId: "1", behavior: { correct: "yes" } },
      "INPUT_TYPE",
      /behavior: correct: expected true or false/,
    ],
    [{ learnerId: "1", behavior: { idleMs: -5 } }, "INPUT_TYPE", /behavior: idleMs: .*0 or more, got -5/],
    [{ learnerId: "1", behavior: 3 }, "INPUT_TYPE", /behavior/],
    [{ learnerId: "1", context: { language: "klingon!" } }, "INPUT_TYPE", /context: language: .*BCP 47/],
  ];
  for (const [call, code, message] of cases) {
    test(`${JSON.stringify(call)?.slice(0, 60)} (${String(message)}) is refused by name`, () => {
      assert.throws(() => parseMessage(call, "analyze"), withCode(code, message));
    });
  }

  test("what is left out is left out, an object that says nothing is none, and −0 is 0", () => {
    const parsed = parseMessage({ learnerId: "1", text: "hi", behavior: {}, context: {}, at: -0 }, "analyze");
    assert.deepEqual(parsed, {
      key: { tenantId: "", learnerId: "1" },
      at: 0,
      behavior: undefined,
      context: undefined,
      text: "hi",
    });
    assert.ok(Object.is(parsed.at, 0));
    assert.equal(parseMessage({ learnerId: "1", text: "hi" }, "analyze").at, undefined);
  });

  test("a step needs a signal, and has no text", () => {
    assert.throws(
      () => parseStep({ learnerId: "1" }, "observe"),
      withCode("INPUT_EMPTY", /^observe: behavior/),
    );
    assert.throws(
      () => parseStep({ learnerId: "1", behavior: {} }, "observe"),
      withCode("INPUT_EMPTY", /signal/),
    );
    const step = { learnerId: "1", behavior: { correct: true }, text: "hi" };
    assert.throws(() => parseStep(step, "observe"), withCode("INPUT_TYPE", /text: unknown key/));
  });

  test("a name is a name and nothing else", () => {
    assert.deepEqual(parseName({ learnerId: "1", tenantId: "a" }, "forget"), {
      tenantId: "a",
      learnerId: "1",
    });
    assert.throws(
      () => parseName({ learnerId: "1", at: 3 }, "forget"),
      withCode("INPUT_TYPE", /at: unknown key/),
    );
  });
});
