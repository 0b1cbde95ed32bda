/** Trains a tiny model in its worker thread, exports it both ways and asks it through the engine. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Random } from "../../src/base/random.js";
import { emotionIds } from "../../src/emotion/taxonomy.js";
import { EmotionEngine } from "../../src/engine/engine.js";
import type { ModelManifest } from "../../src/model/folder/manifest.js";
import { launchRun } from "../../src/training/launch.js";
import type { RunOutcome } from "../../src/training/loop.js";
import { type EventOf, readEvents, type Undated } from "../../src/training/record/event-log.js";
import { exportRun } from "../../src/training/text/export.js";
import { loadRun, type TrainedRun } from "../../src/training/text/trained-run.js";
import { themes, tinyExperiment, writeCorpus, writeSentence } from "./tiny-run.js";

const folder = mkdtempSync(join(tmpdir(), "attune-training-"));
const runFolder = join(folder, "run");
after(() => rmSync(folder, { recursive: true, force: true }));

let outcome: RunOutcome;
let trained: TrainedRun;
const manifests = new Map<string, ModelManifest>();
const relayed: Undated[] = [];

before(async () => {
  const experiment = tinyExperiment(writeCorpus(folder));
  const run = launchRun(experiment, runFolder, false, (event) => relayed.push(event));
  outcome = await run.outcome;
  trained = await loadRun(runFolder);
  for (const precision of ["int8", "fp32"] as const) {
    const manifest = await exportRun(trained, {
      to: join(folder, precision),
      name: `tiny-${precision}`,
      version: "0.1.0",
      description: "",
      precision,
      maxTokens: 24,
      session: { threads: 1 },
    });
    manifests.set(precision, manifest);
  }
});

/** Sentences of another draw than the corpus. */
const questions = (() => {
  const random = Random.seeded(99, "questions");
  return themes.flatMap((theme) =>
    Array.from({ length: 10 }, () => ({ theme, text: writeSentence(theme, random) })),
  );
})();

describe("a tiny model from corpus to answer", () => {
  test("the run finishes, and its log, page and events tell the same story", () => {
    const { events, bad } = readEvents(runFolder);
    assert.deepEqual(bad, []);
    assert.equal(outcome.reason, "finished");
    assert.equal(outcome.step, outcome.totalSteps);
    assert.deepEqual(
      events.map(({ at, ...event }) => event),
      relayed,
    );
    const steps = events.filter((event): event is EventOf<"step"> => event.type === "step");
    assert.deepEqual(
      steps.map(({ step }) => step),
      Array.from({ length: outcome.totalSteps }, (_, i) => i + 1),
    );
    assert.equal(events[0]?.type, "start");
    assert.equal(events.at(-1)?.type, "end");
    const mean = (part: readonly { loss: number }[]): number =>
      part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    assert.ok(mean(steps.slice(-10)) < 0.5 * mean(steps.slice(0, 10)), "the loss falls by half");
    const page = readFileSync(join(runFolder, "run.html"), "utf8");
    assert.match(page, /tiny-flow <span class="status finished">/);
    assert.match(page, /<svg/);
  });

  test("what it learned beats chance by far on rows it was not trained on", () => {
    const evaluation = relayed.findLast((event) => event.type === "evaluation");
    assert.ok(evaluation?.type === "evaluation");
    const { figures } = evaluation;
    for (const name of ["emotion.accuracy", "pad.pleasure.r", "readiness.r", "support.withinOne"]) {
      assert.ok((figures[name] ?? 0) > 0.8, `${name} ${figures[name]}`);
    }
    assert.equal(trained.state.step, trained.state.best[0]?.step);
  });

  test("a model's folder says what it came from and how 8 bits agree with 32", () => {
    const int8 = manifests.get("int8");
    assert.equal(int8?.training.steps, trained.state.step);
    assert.deepEqual(
      int8?.training.corpora.map(({ rows }) => rows),
      [trained.dataset.train.length],
    );
    assert.ok((int8?.agreement?.argmax ?? 0) >= 0.9, JSON.stringify(int8?.agreement));
    assert.ok((int8?.agreement?.padLargestDifference ?? 1) < 0.1);
    assert.equal(manifests.get("fp32")?.agreement, undefined);
    const size = (precision: string): number => manifests.get(precision)?.files["model.onnx"]?.bytes ?? 0;
    assert.ok(size("int8") < 0.6 * size("fp32"), `${size("int8")} and ${size("fp32")} bytes`);
  });

  for (const precision of ["int8", "fp32"]) {
    test(`the engine answers from the ${precision} folder`, async () => {
      const engine = await EmotionEngine.load({ model: join(folder, precision), threads: 1 });
      try {
        const answers = await engine.analyze(questions.map(({ text }) => text));
        let right = 0;
        answers.forEach((answer, i) => {
          const { theme, text } = questions[i] as (typeof questions)[number];
          if (answer.primaryEmotion === theme.emotion) right++;
          const total = answer.emotions.reduce((sum, { probability }) => sum + probability, 0);
          assert.ok(Math.abs(total - 1) < 1e-5, `${text}: probabilities add up to ${total}`);
          assert.deepEqual(answer.emotions.map(({ emotion }) => emotion).sort(), [...emotionIds].sort());
          assert.equal(answer.model.name, `tiny-${precision}`);
          for (const part of [...Object.values(answer.pad), answer.readiness.score]) {
            assert.ok(part >= 0 && part <= 1, `${text}: ${part}`);
          }
          assert.ok(answer.support.level >= 0 && answer.support.level <= 5);
        });
        assert.ok(right >= 36, `${right} of 40 right`);
        const [joy, dull] = await engine.analyze(["yay great", "dull yawn"]);
        assert.notDeepEqual(joy?.emotions, dull?.emotions);
        assert.ok((joy?.pad.pleasure ?? 0) > (dull?.pad.pleasure ?? 1) + 0.2);
        assert.ok((joy?.readiness.score ?? 0) > (dull?.readiness.score ?? 1) + 0.2);
      } finally {
        await engine.close();
      }
    });
  }
});
