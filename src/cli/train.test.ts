import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "attune-train-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs `attune` where neither data nor encoders are. */
function attune(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, ATTUNE_DATA: root, ATTUNE_MODELS: root, NO_COLOR: "1" };
  return spawnSync(process.execPath, [bin, ...args], { encoding: "utf8", timeout: 60_000, env, cwd: root });
}

const corpus = join(root, "mine.csv");
const rows = Array.from(
  { length: 40 },
  (_, i) => `so it is ${i},${i % 2 ? "joy" : "fear"},${i < 32 ? "train" : "dev"}`,
);
writeFileSync(corpus, ["text,label,split", ...rows].join("\n"));

/** Writes an experiment and returns its path. */
function write(name: string, changes: Record<string, unknown> = {}): string {
  const path = join(root, `${name}.json`);
  const experiment = {
    name,
    base: { tiny: { layers: 1, hidden: 8, heads: 1, intermediate: 8 } },
    heads: ["emotion"],
    corpora: [{ name: "mine", path: corpus, columns: { emotion: "label", split: "split" } }],
    batchSize: 4,
    epochs: 1,
    maxTokens: 16,
    ...changes,
  };
  writeFileSync(path, JSON.stringify(experiment));
  return path;
}

describe("attune train", () => {
  test("trains beside where it is called, tells what happens on stderr and makes a model of the experiment's name", () => {
    const { status, stdout, stderr } = attune("train", write("first"));
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^first: [\d,]+ parameters, 32 training rows, 8 steps; runs.first.run\.html$/m);
    assert.match(stderr, /^step 8: emotion\.accuracy 0\.\d+, .* \(best so far\)$/m);
    assert.match(stderr, /^finished at step 8 after 0\.\d minutes$/m);
    assert.match(stderr, /^export: .*: first 1\.0\.0, int8, /m);
    const manifest = readFileSync(join(root, "runs", "first", "model", "model.json"), "utf8");
    assert.equal(JSON.parse(manifest).name, "first");
  });

  test("--seed, --threads and --no-export are heeded", () => {
    const { status } = attune(
      "train",
      write("flags"),
      "--seed",
      "5",
      "--threads",
      "1",
      "--no-export",
      "--run",
      "elsewhere",
    );
    assert.equal(status, 0);
    const { seed, threads } = JSON.parse(readFileSync(join(root, "elsewhere", "experiment.json"), "utf8"));
    assert.deepEqual([seed, threads], [5, 1]);
    assert.equal(readdirSync(join(root, "elsewhere")).includes("model"), false);
  });

  const refusals: readonly [string, string[], number, RegExp][] = [
    ["no experiment", ["train"], 2, /^error USAGE: missing required argument 'experiment'$/m],
    [
      "a file that is not there",
      ["train", "no.json"],
      2,
      /^error CONFIG_INVALID: no\.json: expected an experiment, found no file; see experiments\//m,
    ],
    [
      "unknown keys",
      ["train", write("keys", { batchsize: 3 })],
      2,
      /^error CONFIG_INVALID: .*batchsize: unknown key, did you mean batchSize\?/m,
    ],
    [
      "a seed that is no number",
      ["train", write("seed"), "--seed", "-1"],
      2,
      /^error USAGE: --seed: expected a whole number, got -1; correct it$/m,
    ],
    [
      "data that was never fetched",
      ["train", write("data", { corpora: [{ name: "goemotions" }], heads: ["goemotions"] })],
      3,
      /^error DATA_NOT_FOUND: goemotions: .*run `attune fetch goemotions`/m,
    ],
    [
      "an encoder that was never fetched",
      ["train", write("encoder", { base: "minilm" })],
      4,
      /^error MODEL_NOT_FOUND: base minilm: .*run `attune fetch minilm`/m,
    ],
    [
      "a folder that is a file",
      ["train", write("file"), "--run", corpus],
      6,
      /^error FILE_SYSTEM: preparing .*mine\.csv: /m,
    ],
  ];
  for (const [what, args, code, message] of refusals) {
    test(`refuses ${what} in one line with the remedy`, () => {
      const { status, stdout, stderr } = attune(...args);
      assert.match(stderr, message);
      assert.equal(status, code);
      assert.equal(stdout, "");
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  test("a device that is not there is refused with what to install, for training and for answers", (t) => {
    const trained = attune("train", write("gpu"), "--device", "cuda");
    if (trained.status === 0) return t.skip("CUDA is here");
    const model = join(root, "runs", "first", "model");
    assert.ok(existsSync(model), "the first test made a model");
    for (const { status, stderr } of [
      trained,
      attune("analyze", "hello", "--model", model, "--device", "cuda"),
    ]) {
      assert.equal(status, 6, stderr);
      assert.match(
        stderr,
        /^error PROVIDER_UNAVAILABLE: device.*; install CUDA 12 with cuDNN 9 and reinstall onnxruntime-node .*or use --device cpu\n$/,
      );
    }
    const unknown = attune("analyze", "hello", "--model", model, "--device", "abacus");
    assert.equal(unknown.status, 6);
    assert.match(
      unknown.stderr,
      /^error PROVIDER_UNAVAILABLE: device: expected one of cpu.*, got abacus; use one of/,
    );
  });
});
