import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { parseExperiment } from "./experiment.js";
import { launchRun, writeRunPage } from "./launch.js";
import type { Undated } from "./record/event-log.js";

const root = mkdtempSync(join(tmpdir(), "attune-launch-"));
after(() => rmSync(root, { recursive: true, force: true }));

const corpus = join(root, "corpus.csv");
const rows = Array.from(
  { length: 40 },
  (_, i) => `so it is ${i},${i % 2 ? "joy" : "fear"},${i < 32 ? "train" : "dev"}`,
);
writeFileSync(corpus, ["text,label,split", ...rows, "what,glee,train"].join("\n"));

const experiment = (changes: Record<string, unknown> = {}) =>
  parseExperiment(
    {
      name: "launched",
      base: { tiny: { layers: 1, hidden: 8, heads: 1, intermediate: 8 } },
      heads: ["emotion"],
      corpora: [{ name: "mine", path: corpus, columns: { emotion: "label", split: "split" } }],
      batchSize: 4,
      epochs: 2,
      maxTokens: 16,
      ...changes,
    },
    "test",
  );

describe("a run in a worker", () => {
  test("relays what happens, bad rows among it, and draws the page", async () => {
    const folder = join(root, "whole");
    const events: Undated[] = [];
    const outcome = await launchRun(experiment(), folder, false, (event) => events.push(event)).outcome;
    assert.deepEqual(outcome, { reason: "finished", step: 16, totalSteps: 16 });
    assert.equal(events.filter(({ type }) => type === "step").length, 16);
    const [warning] = events.filter((event) => event.type === "warning");
    assert.match(
      warning?.message ?? "",
      /^own\/corpus\.csv: 1 row could not be read, first corpus\.csv:42: emotion: /,
    );
    assert.match(readFileSync(join(folder, "run.html"), "utf8"), /launched/);
  });

  test("stops between steps when asked", async () => {
    const run = launchRun(experiment({ epochs: 2000 }), join(root, "stopped"), false, (event) => {
      if (event.type === "step" && event.step === 3) run.stop();
    });
    const { reason, step, totalSteps } = await run.outcome;
    assert.equal(reason, "interrupted");
    assert.ok(step >= 3 && step < totalSteps, `step ${step}`);
  });

  test("passes on what went wrong under its own name, and leaves no page of a run that never began", async () => {
    const folder = join(root, "never");
    const missing = experiment({
      corpora: [{ name: "emobank", path: join(root, "none") }],
      heads: ["emobank"],
    });
    await assert.rejects(launchRun(missing, folder, false, () => undefined).outcome, {
      code: "DATA_NOT_FOUND",
      message: /attune fetch emobank/,
    });
    assert.equal(existsSync(folder), false);
  });

  test("a run that diverges says so in its log and on its page", async () => {
    const folder = join(root, "diverged");
    const wild = experiment({
      learningRate: { encoder: 1e30, heads: 1e30 },
      clip: null,
      warmup: { steps: 0 },
    });
    await assert.rejects(launchRun(wild, folder, false, () => undefined).outcome, {
      code: "TRAINING_DIVERGED",
    });
    assert.match(readFileSync(join(folder, "events.jsonl"), "utf8"), /"type":"error".*TRAINING_DIVERGED/);
    assert.match(readFileSync(join(folder, "run.html"), "utf8"), /failed/);
  });

  test("a page that cannot be written is an error with its path", () => {
    const folder = join(root, "no-folder");
    assert.throws(() => writeRunPage(folder), { code: "FILE_SYSTEM", message: /no-folder.run\.html/ });
  });
});
