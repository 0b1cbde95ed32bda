import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { emptyReadiness } from "../../../test/fixtures/empty-readiness.js";
import { Random } from "../../base/random.js";
import type { SupportLevel } from "../../emotion/support.js";
import { encodeModel } from "../../graph/index.js";
import { writeSealedFolder } from "../../model/folder/sealed-folder.js";
import { countFeatures, listFeatures } from "../../policy/features.js";
import { valueLevels } from "../../policy/learned-policy.js";
import { InterventionModel } from "../../policy/model.js";
import { fromLogged, type LoggedOutcome } from "../../policy/outcome.js";
import { writeOutcomes } from "../../policy/outcome-folder.js";
import { readinessFormat } from "../../readiness/manifest.js";
import { parseInterventionExperiment } from "./experiment.js";
import { exportInterventionRun } from "./export.js";
import { loadInterventionRun, runIntervention } from "./run.js";

const root = mkdtempSync(join(tmpdir(), "attune-intervention-run-"));
after(() => rmSync(root, { recursive: true, force: true }));

const state = 2;
const names = listFeatures(state);
const place = names.indexOf("expectedSuccess");

/** A world in which mild help is worth 2 to those who expect to fail and costs the others 1; moderate always costs 1. */
function drawWorld(rows: number, seed: number): LoggedOutcome[] {
  const random = Random.seeded(seed);
  return Array.from({ length: rows }, (_, i) => {
    const features = names.map(() => (random.float() < 0.3 ? null : random.normal()));
    const success = random.float();
    features[place] = success;
    const level = random.below(6) as SupportLevel;
    const effect = level === 2 ? (success < 0.5 ? 2 : -1) : level === 3 ? -1 : 0;
    const outcome = 3 * success + effect + random.normal();
    return { learnerId: `learner-${i % 300}`, at: i, features, level, propensity: 1 / 6, outcome };
  });
}

const experiment = (change: object = {}) =>
  parseInterventionExperiment(
    {
      kind: "intervention",
      name: "tiny",
      readinessModel: join(root, "readiness"),
      outcomes: join(root, "outcomes"),
      batchSize: 256,
      epochs: 9,
      learningRate: { heads: 0.01 },
      network: { hidden: 8, gainHidden: 8, heads: 4 },
      evaluateEverySteps: 50,
      checkpointEverySteps: 60,
      cost: [0, 0.1, 0.1, 0.1, 0.1, 0.1],
      threads: 1,
      ...change,
    },
    "test",
  );

const options = { resume: false, emit: () => undefined, stopped: () => false };

describe("an intervention run", () => {
  test("learns from logged outcomes whom help helps, and goes on after a stop as if nothing had been", async () => {
    await writeSealedFolder(
      join(root, "readiness"),
      emptyReadiness.manifest,
      emptyReadiness.content(encodeModel),
      readinessFormat,
    );
    await writeOutcomes(join(root, "outcomes"), drawWorld(4000, 1));
    const whole = join(root, "whole");
    assert.equal((await runIntervention(experiment(), whole, options)).reason, "finished");

    const stopped = join(root, "stopped");
    let asked = 0;
    const halt = { ...options, stopped: () => ++asked > 100 };
    assert.equal((await runIntervention(experiment(), stopped, halt)).reason, "interrupted");
    assert.equal(
      (await runIntervention(experiment(), stopped, { ...options, resume: true })).reason,
      "finished",
    );
    const [one, two] = [loadInterventionRun(whole), loadInterventionRun(stopped)];
    for (const [name, data] of one.weights) assert.deepEqual(two.weights.get(name), data, name);
    assert.ok((one.figures["policy.gain"] ?? 0) > 0.5, JSON.stringify(one.figures));

    const to = join(root, "model");
    const manifest = await exportInterventionRun(one, { to, name: "tiny", version: "1.0.0" });
    assert.equal(manifest.training.source, "logged");
    assert.equal(manifest.training.rows.train + manifest.training.rows.validation, 4000);
    assert.equal(manifest.features.length, countFeatures(state));
    const model = await InterventionModel.load(to);
    const fresh = drawWorld(400, 2);
    const outcomes = await model.predict(fresh.map((row) => fromLogged(row.features)));
    let right = 0;
    fresh.forEach((row, i) => {
      const values = valueLevels(outcomes.subarray(i * 24, (i + 1) * 24), 4, manifest.cost);
      const best = values.reduce((most, value) => (value.value > most.value ? value : most)).level;
      const helped = (row.features[place] as number) < 0.5;
      if ((best === 2) === helped) right++;
    });
    await model.close();
    assert.ok(right / 400 > 0.8, `${right} of 400`);
  });

  test("says what is wrong with an experiment", () => {
    assert.throws(() => experiment({ cost: [0, 1] }), {
      code: "CONFIG_INVALID",
      message: /cost: expected 6 numbers/,
    });
    assert.throws(() => experiment({ learners: { steps: 8 } }), {
      message: /learners\.steps: expected more than measure\.horizon \(8\), got 8/,
    });
    assert.throws(() => experiment({ learners: { seeds: { train: 1, validation: 1 } } }), {
      message: /learners\.seeds: expected two different seeds/,
    });
  });
});
