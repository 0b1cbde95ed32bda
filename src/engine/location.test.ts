import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AppError } from "../base/errors.js";
import { locateModel, modelsFolder } from "./location.js";

test("a folder with model.json is found by its path", () => {
  const folder = mkdtempSync(join(tmpdir(), "attune-"));
  try {
    writeFileSync(join(folder, "model.json"), "{}");
    assert.equal(locateModel(folder), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a model that is not there is an error that says where it was looked for and what to do", () => {
  for (const name of ["no-such-model", "./no/such/folder", ".."]) {
    assert.throws(
      () => locateModel(name),
      (error) =>
        error instanceof AppError &&
        error.code === "MODEL_NOT_FOUND" &&
        /attune (train|export)/.test(error.message),
    );
  }
  assert.throws(
    () => locateModel("no-such-model"),
    (error) => String(error).includes(modelsFolder),
  );
});
