import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readModelDirectory } from "../../model/folder/directory.js";
import { readSafetensors } from "../../model/safetensors.js";
import { checkpointPath } from "../checkpoint/checkpoint.js";
import { formatExperiment, parseExperiment } from "../experiment.js";
import type { RunOptions } from "../sitting.js";
import { exportRun } from "./export.js";
import { runExperiment } from "./run.js";
import { loadRun } from "./trained-run.js";

const root = mkdtempSync(join(tmpdir(), "attune-export-"));
const folder = join(root, "run");
after(() => rmSync(root, { recursive: true, force: true }));

const corpus = join(root, "corpus.csv");
const experiment = parseExperiment(
  {
    name: "exported",
    base: { tiny: { layers: 1, hidden: 8, heads: 1, intermediate: 8 } },
    heads: ["emotion"],
    corpora: [{ name: "mine", path: corpus, columns: { emotion: "label", split: "split" } }],
    batchSize: 4,
    epochs: 2,
    maxTokens: 16,
    learningRate: { encoder: 1e-2, heads: 1e-2 },
    evaluateEverySteps: 4,
    ema: { decay: 0.5 },
  },
  "test",
);
const options: RunOptions = { resume: false, emit: () => undefined, stopped: () => false };

before(async () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i % 2 ? "glad" : "afraid"} ${i},${i % 2 ? "joy" : "fear"},${i < 32 ? "train" : "dev"}`,
  );
  writeFileSync(corpus, ["text,label,split", ...rows].join("\n"));
  await runExperiment(experiment, folder, options);
});

describe("from a run to a model", () => {
  test("the best evaluation's weights are taken, as they were averaged", async () => {
    const { state, weights, base } = await loadRun(folder);
    assert.equal(state.step, state.best[0]?.step);
    assert.deepEqual(
      [...weights.keys()],
      base.parameters.map(({ name }) => name),
    );
    const { tensors } = await readSafetensors(checkpointPath(folder, "best", state.step));
    assert.deepEqual(weights.get("embeddings.word"), tensors.get("ema/embeddings.word")?.data);
    assert.notDeepEqual(weights.get("embeddings.word"), tensors.get("w/embeddings.word")?.data);
  });

  test("the folder says what was done and can be read back", async () => {
    const run = await loadRun(folder);
    const stages: string[] = [];
    const to = join(root, "model");
    const manifest = await exportRun(run, {
      to,
      name: "mine",
      version: "2.0.0",
      description: "",
      precision: "int8",
      maxTokens: 16,
      session: { threads: 1 },
      onStage: (stage) => stages.push(stage),
    });
    assert.deepEqual(stages, [
      "warning: pad, readiness, support never trained in this run; what the model says of them means nothing",
      "writing the graph",
      "measuring 8 validation rows",
      "comparing with fp32",
      "writing the folder",
    ]);
    const read = (await readModelDirectory(to)).manifest;
    assert.deepEqual(read, manifest);
    assert.equal(read.training.experiment, "exported");
    assert.equal(read.training.examples, run.state.step * 4);
    assert.equal(read.calibration.rows.emotion, 8);
    assert.equal(read.agreement?.rows, 8);
  });

  test("a damaged last checkpoint costs the last steps, not the model", async () => {
    const other = join(root, "damaged");
    const often = parseExperiment({ ...experiment, checkpointEverySteps: 5 }, "test");
    await runExperiment(often, other, options);
    truncateSync(join(other, "step-000016.ckpt"), 100);
    assert.ok((await loadRun(other)).state.step <= 15);
  });

  test("what is no run, or has not begun, is refused", async () => {
    await assert.rejects(loadRun(join(root, "none")), {
      code: "CHECKPOINT_NOT_FOUND",
      message: /attune train/,
    });
    const begun = join(root, "begun");
    mkdirSync(begun);
    writeFileSync(join(begun, "experiment.json"), formatExperiment(experiment));
    await assert.rejects(loadRun(begun), { code: "CHECKPOINT_NOT_FOUND", message: /found none/ });
  });
});
