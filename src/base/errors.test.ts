import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError, errorCodes, toAppError } from "./errors.js";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: write failed`), { code });

test("a full disk and a lack of rights are known by their system names", () => {
  assert.equal(toAppError(systemError("ENOSPC"), "checkpoint").code, "DISK_FULL");
  assert.equal(toAppError(systemError("EDQUOT"), "checkpoint").code, "DISK_FULL");
  assert.equal(toAppError(systemError("EACCES"), "checkpoint").code, "FILE_SYSTEM");
});

test("an error that has a code passes through, any other keeps its message and cause", () => {
  const known = new AppError("INPUT_EMPTY", "x");
  assert.equal(toAppError(known, "elsewhere"), known);
  const cause = new Error("boom");
  const other = toAppError(cause, "reading a", "DATA_INVALID");
  assert.equal(other.code, "DATA_INVALID");
  assert.equal(other.message, "reading a: boom");
  assert.equal(other.cause, cause);
  assert.equal(toAppError("text", "there").message, "there: text");
});

test("every code has an exit code that is not success and an HTTP status of failure", () => {
  for (const { http, exit } of Object.values(errorCodes)) {
    assert.ok(exit >= 1 && exit <= 7);
    assert.ok(http >= 400 && http < 600);
  }
});
