import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeReading, textModel } from "../../../test/fake-readiness.js";
import { AppError } from "../../base/errors.js";
import { PopulationStatistics } from "../../behavior/statistics.js";
import { emotionIds } from "../../emotion/taxonomy.js";
import { areaUnderCurve } from "../../metrics/auc.js";
import { ReadinessModel } from "../../readiness/model.js";
import { createCohort } from "../../simulation/cohort.js";
import { recordCohort } from "../../simulation/recording.js";
import { Voices } from "../../simulation/voices.js";
import { readEvents } from "../record/event-log.js";
import type { RunOptions } from "../sitting.js";
import { parseReadinessExperiment } from "./experiment.js";
import { exportReadinessRun } from "./export.js";
import { loadReadinessRun, runReadiness, type Simulate } from "./run.js";

const experiment = parseReadinessExperiment(
  {
    kind: "readiness",
    name: "test",
    epochs: 4,
    batchSize: 64,
    accumulate: 2,
    learningRate: { heads: 0.01 },
    ema: { decay: 0.9 },
    evaluateEverySteps: 7,
    checkpointEverySteps: 5,
    threads: 1,
    learners: { train: 60, validation: 20, steps: 20 },
    network: { embedding: 3, width: 8, heads: 2, state: 5 },
  },
  "test",
);

/** Learners as the simulator makes them, whose messages are read by nobody: the vector says which emotion it was. */
const simulate: Simulate = async ({ learners }) => {
  const texts = emotionIds.map((emotion) => ({ text: emotion, emotion }));
  const voices = await Voices.read(texts, async (some) =>
    some.map((_, i) => ({ reading: makeReading(i, 0.4) })),
  );
  const record = (side: "train" | "validation") =>
    recordCohort(
      createCohort({ learners: learners[side], seed: learners.seeds[side], utterances: voices.pool }),
      learners.steps,
      voices,
      { share: 0.2, seed: 1 },
    );
  return {
    train: record("train"),
    validation: record("validation"),
    population: new PopulationStatistics(),
    textModel,
    hidden: 6,
    utterances: { train: 41, validation: 41 },
  };
};

const quiet: RunOptions = { resume: false, emit: () => undefined, stopped: () => false };

describe("a readiness run", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "attune-readiness-run-"));
    const outcome = await runReadiness(experiment, join(root, "whole"), quiet, simulate);
    assert.equal(outcome.reason, "finished");
  });
  after(() => rm(root, { recursive: true }));

  test("learns, and tells each loss and figure as it goes", () => {
    const { events } = readEvents(join(root, "whole"));
    const steps = events.filter((event) => event.type === "step");
    const mean = (some: typeof steps): number => some.reduce((sum, { loss }) => sum + loss, 0) / some.length;
    assert.ok(mean(steps.slice(-6)) < mean(steps.slice(0, 6)) - 0.02);
    assert.deepEqual(Object.keys(steps[0]?.losses ?? {}), [
      "success",
      "readiness",
      "engagement",
      "cognitiveLoad",
    ]);
    const figures = events.findLast((event) => event.type === "evaluation")?.figures ?? {};
    assert.deepEqual(Object.keys(figures), ["success.auc", "readiness.r", "engagement.r", "cognitiveLoad.r"]);
    assert.ok((figures["readiness.r"] as number) > 0.1, JSON.stringify(figures));
  });

  test("stopped and gone on with, it ends with the very weights of one left alone", async () => {
    const folder = join(root, "stopped");
    let steps = 0;
    const stopped = (): boolean => steps >= 9;
    const emit: RunOptions["emit"] = ({ type }) => {
      if (type === "step") steps++;
    };
    const first = await runReadiness(experiment, folder, { resume: false, emit, stopped }, simulate);
    assert.equal(first.reason, "interrupted");
    const second = await runReadiness(experiment, folder, { ...quiet, resume: true }, simulate);
    assert.equal(second.reason, "finished");
    const [whole, resumed] = await Promise.all(
      ["whole", "stopped"].map((name) => loadReadinessRun(join(root, name), simulate)),
    );
    assert.deepEqual(resumed?.weights, whole?.weights);
    const other = { ...experiment, lossWeights: { ...experiment.lossWeights, success: 2 } };
    await assert.rejects(
      runReadiness(other, folder, { ...quiet, resume: true }, simulate),
      (error) => error instanceof AppError && error.code === "CHECKPOINT_MISMATCH",
    );
  });

  test("becomes a model that answers as it was measured, calibrated, with its record", async () => {
    const to = join(root, "model");
    const run = await loadReadinessRun(join(root, "whole"), simulate);
    const manifest = await exportReadinessRun(run, { to, name: "test-readiness", version: "1.0.0" });
    assert.deepEqual((await readdir(to)).sort(), [
      "README.md",
      "model.json",
      "model.onnx",
      "population.json",
    ]);
    assert.ok((manifest.training.figures["success.ece"] as number) < 0.1);
    const model = await ReadinessModel.load(to, { textModel });
    const questions = run.cohorts.validation.flatMap(({ steps }) =>
      steps.slice(0, -1).map(({ moment, latent }, i) => ({
        moments: steps.slice(0, i + 1).map((step) => step.moment),
        now: moment.at,
        success: steps[i + 1]?.correct === true,
        latent,
      })),
    );
    const answers = await model.assessAll(questions);
    const expected = answers.reduce((sum, { expectedSuccess }) => sum + expectedSuccess, 0) / answers.length;
    const happened = questions.filter(({ success }) => success).length / questions.length;
    assert.ok(Math.abs(expected - happened) < 0.01, `${expected} for ${happened}`);
    const auc = areaUnderCurve(
      questions.map(({ success }) => Number(success)),
      answers.map(({ score }) => score),
      Int32Array.from(questions.keys()),
    );
    assert.ok(Math.abs(auc - (manifest.training.figures["success.auc"] as number)) < 1e-4);
    await model.close();
  });
});

describe("a readiness experiment", () => {
  test("is refused field by field where it makes no sense", () => {
    const least = { kind: "readiness", name: "a", epochs: 1 };
    const refused = (change: object, message: RegExp): void =>
      assert.throws(
        () => parseReadinessExperiment({ ...least, ...change }, "run.json"),
        (error) =>
          error instanceof AppError && error.code === "CONFIG_INVALID" && message.test(error.message),
      );
    assert.equal(parseReadinessExperiment(least, "run.json").learners.steps, 40);
    refused({ learner: {} }, /learner: unknown key, did you mean learners\?/);
    refused({ learners: { steps: 65 } }, /learners\.steps: expected/);
    refused({ learners: { seeds: { train: 12 } } }, /two different seeds, got 12 twice/);
    refused({ network: { heads: 5 } }, /multiple of 5 heads, got 48/);
    refused({ heads: ["emotion"] }, /heads: unknown key/);
  });
});
