import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { requireFreshSeeds } from "./simulation-parts.js";

const entry = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));

const attune = (...args: readonly string[]) =>
  spawnSync(process.execPath, [entry, "simulate", ...args], { encoding: "utf8", timeout: 120_000 });

describe("attune simulate", () => {
  test("refuses policies that are none, and models that are not there, with the command that makes them", () => {
    const unknown = attune("--policy", "never,clever");
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /expected never, random, .+, got clever/);
    const missing = attune("--policy", "rule", "--readiness", join("no", "such", "folder"));
    assert.equal(missing.status, 4, missing.stderr);
    assert.match(missing.stderr, /MODEL_NOT_FOUND.+attune train experiments\/readiness\.json/);
  });

  test("refuses seeds that a model was fitted on", () => {
    assert.doesNotThrow(() => requireFreshSeeds([101, 102], { "attune-readiness": [11, 12], other: [] }));
    assert.throws(() => requireFreshSeeds([20, 21], { "attune-intervention": [21, 22] }), {
      code: "USAGE",
      message: /got 21, which attune-intervention was/,
    });
  });
});
