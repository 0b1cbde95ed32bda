import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseExperiment } from "../training/experiment.js";
import { runExperiment } from "../training/text/run.js";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "attune-export-"));
const run = join(root, "run");
after(() => rmSync(root, { recursive: true, force: true }));

const attune = (...args: readonly string[]): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, [bin, "export", ...args], { encoding: "utf8", timeout: 60_000 });

before(async () => {
  const path = join(root, "mine.csv");
  const rows = Array.from(
    { length: 40 },
    (_, i) => `so it is ${i},${i % 2 ? "joy" : "fear"},${i < 32 ? "train" : "dev"}`,
  );
  writeFileSync(path, ["text,label,split", ...rows].join("\n"));
  const experiment = {
    name: "mine",
    description: "Of no use.",
    base: { tiny: { layers: 1, hidden: 8, heads: 1, intermediate: 8 } },
    heads: ["emotion"],
    corpora: [{ name: "mine", path, columns: { emotion: "label", split: "split" } }],
    batchSize: 8,
    epochs: 1,
    maxTokens: 16,
  };
  const options = { resume: false, emit: () => undefined, stopped: () => false };
  await runExperiment(parseExperiment(experiment, "test"), run, options);
});

describe("attune export", () => {
  test("writes a model named after its folder, in 8 bits, and says how it agrees with 32", () => {
    const to = join(root, "tiny-model");
    const { status, stderr } = attune(run, "--to", to);
    assert.equal(status, 0, stderr);
    const manifest = JSON.parse(readFileSync(join(to, "model.json"), "utf8"));
    assert.deepEqual(
      [manifest.name, manifest.version, manifest.precision, manifest.description, manifest.maxTokens],
      ["tiny-model", "1.0.0", "int8", "Of no use.", 16],
    );
    assert.ok(!("wordBits" in manifest));
    assert.match(
      stderr,
      /^export: int8 against fp32 on validation: [\d.]+ % equal main emotions, macro-F1 [+-]\d\.\d{4}$/m,
    );
  });

  test("name, version and precision can be said", () => {
    const to = join(root, "other");
    const { status, stderr } = attune(
      run,
      "--to",
      to,
      "--name",
      "grand",
      "--model-version",
      "2.1.0",
      "--precision",
      "fp32",
    );
    assert.equal(status, 0, stderr);
    const { name, version, precision, agreement } = JSON.parse(readFileSync(join(to, "model.json"), "utf8"));
    assert.deepEqual([name, version, precision, agreement], ["grand", "2.1.0", "fp32", undefined]);
    assert.doesNotMatch(stderr, /against fp32/);
  });

  test("words go into 4 bits if asked, and the model says so", () => {
    const to = join(root, "narrow");
    const { status, stderr } = attune(run, "--to", to, "--word-bits", "4");
    assert.equal(status, 0, stderr);
    assert.match(stderr, /int8 with words in 4 bits, \d/);
    const { precision, wordBits } = JSON.parse(readFileSync(join(to, "model.json"), "utf8"));
    assert.deepEqual([precision, wordBits], ["int8", 4]);
    assert.match(readFileSync(join(to, "README.md"), "utf8"), /the word table in 4 bits/);
    const both = attune(run, "--to", join(root, "x"), "--word-bits", "4", "--precision", "fp32");
    assert.match(
      both.stderr,
      /USAGE: export: expected an int8 model for --word-bits 4, got --precision fp32/,
    );
  });

  test("refuses what is no run, and what it was not told", () => {
    const none = attune(join(root, "none"), "--to", join(root, "x"));
    assert.equal(none.status, 5);
    assert.match(
      none.stderr,
      /^error CHECKPOINT_NOT_FOUND: .*none: expected the folder of a run, .*attune train/m,
    );
    assert.match(attune(run).stderr, /^error USAGE: required option '--to <folder>' not specified$/m);
    assert.match(
      attune(run, "--to", "x", "--precision", "int4").stderr,
      /USAGE.*Allowed choices are int8, fp32/,
    );
  });
});
