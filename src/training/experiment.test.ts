import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AppError } from "../base/errors.js";
import {
  type Experiment,
  formatExperiment,
  hashExperiment,
  parseExperiment,
  readExperiment,
  scheduleOf,
} from "./experiment.js";
import { readAnyExperiment } from "./kinds.js";

const folder = fileURLToPath(new URL("../../../experiments/", import.meta.url));
const least = { name: "a", base: "minilm", corpora: [{ name: "learner" }], epochs: 1 };
const parse = (change: object): Experiment => parseExperiment({ ...least, ...change }, "run.json");

function refused(change: object, message: RegExp): void {
  assert.throws(
    () => parse(change),
    (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "CONFIG_INVALID");
      assert.match(error.message, /^run\.json: /);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("experiments", () => {
  test("every experiment of the project is valid and named as its file", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json") && !file.includes("gates"));
    assert.ok(files.length >= 3);
    for (const file of files) assert.equal(`${readAnyExperiment(join(folder, file)).name}.json`, file);
  });

  test("guide.json has the guide's settings", () => {
    const guide = readExperiment(join(folder, "guide.json"));
    assert.equal(guide.epochs, 10);
    assert.deepEqual(guide.learningRate, { encoder: 2e-5, heads: 2e-5 });
    assert.equal(guide.clip, 1);
    assert.equal(guide.augmentation.share, 0.3);
    const { emotion, pad, readiness, support } = guide.lossWeights;
    assert.deepEqual([emotion, pad, readiness, support], [0.6, 0.2, 0.1, 0.1]);
    const { kind, warmupSteps, restartEvery, restartMultiplier } = scheduleOf(guide);
    assert.deepEqual([kind, warmupSteps, restartEvery, restartMultiplier], ["cosine-restarts", 500, 500, 1]);
  });

  test("what is left out is filled in, in nested parts too, and reads back as the same", () => {
    const filled = parse({ learningRate: { encoder: 3e-5 } });
    assert.equal(filled.batchSize, 32);
    assert.deepEqual(filled.learningRate, { encoder: 3e-5, heads: 1e-3 });
    assert.deepEqual(filled.warmup, { share: 0.1 });
    assert.equal(filled.corpora[0]?.weight, 1);
    assert.deepEqual(parseExperiment(JSON.parse(formatExperiment(filled)), "again"), filled);
  });

  test("unknown keys are refused with a guess at what was meant", () => {
    refused({ bachSize: 8 }, /bachSize: unknown key, did you mean batchSize\?/);
    refused({ learningRate: { encodr: 1 } }, /learningRate\.encodr: unknown key, did you mean encoder\?/);
    refused(
      { corpora: [{ name: "learner", wieght: 2 }] },
      /corpora\[0\]\.wieght: unknown key, did you mean weight\?/,
    );
    refused({ warmup: { shares: 0.1 } }, /warmup\.shares: unknown key, did you mean share\?/);
    refused({ warmup: { steps: 1, share: 0.1 } }, /warmup: expected only one of steps, share/);
    refused({ freeze: { zebra: 1 } }, /freeze\.zebra: unknown key, known here: embeddings, layers/);
    refused({ base: { tiny: { layer: 1 } } }, /base\.tiny\.layer: unknown key, did you mean layers\?/);
  });

  test("wrong values are refused with place, expectation and what was found, all at once", () => {
    refused({ batchSize: 0 }, /batchSize: expected number to be >0, got 0/);
    refused({ batchSize: "32" }, /batchSize: expected number, got "32"/);
    refused({ epochs: undefined }, /epochs: expected number, got nothing/);
    refused({ clip: -1, seed: 1.5 }, /clip: expected number to be >0, got -1; seed: expected int, got 1\.5/);
    refused({ base: 5 }, /base: expected string or object, got 5/);
    refused(
      { base: { tiny: { layers: 1, hidden: "x", heads: 1, intermediate: 1 } } },
      /base\.tiny\.hidden: expected number, got "x"/,
    );
    refused({ dropout: { pooled: 1 } }, /dropout\.pooled: expected number to be <1, got 1/);
    refused({ schedule: { kind: "cosin" } }, /schedule\.kind: expected one of "cosine".*got "cosin"/);
    refused({ heads: ["mood"] }, /heads\[0\]: expected one of "emotion".*got "mood"/);
    refused({ corpora: [] }, /corpora: expected array to have >=1 items, got \[\]/);
    refused({ name: "../up" }, /name: expected letters, digits.*got "\.\.\/up"/);
    refused({ learningRate: { encoder: Number.NaN } }, /learningRate\.encoder: expected number, got/);
    assert.throws(() => parseExperiment([], "x.json"), /x\.json: the file: expected object, got \[\]/);
  });

  test("what contradicts itself is refused", () => {
    refused({ heads: ["pad", "pad"] }, /heads: .*pad twice/);
    refused({ corpora: [{ name: "learner" }, { name: "learner" }] }, /corpora: .*learner twice/);
    refused(
      { corpora: [{ name: "mine" }] },
      /corpora\[0\]: expected learner, goemotions, emobank, lemotif, xed or a path/,
    );
    refused({ heads: ["pad"], lossWeights: { pad: 0 } }, /lossWeights: .*got none/);
    refused({ base: { tiny: { layers: 1, hidden: 10, heads: 3, intermediate: 8 } } }, /multiple of 3 heads/);
    assert.equal(
      parse({ corpora: [{ name: "mine", path: "a.csv", columns: { text: "t" } }] }).corpora[0]?.path,
      "a.csv",
    );
  });

  test("files that are missing or not JSON are named", (t) => {
    const scratch = mkdtempSync(join(tmpdir(), "attune-experiment-"));
    t.after(() => rmSync(scratch, { recursive: true }));
    assert.throws(
      () => readExperiment(join(scratch, "no.json")),
      /no\.json: expected an experiment, found no file/,
    );
    writeFileSync(join(scratch, "bad.json"), "{ name: ");
    assert.throws(() => readExperiment(join(scratch, "bad.json")), /bad\.json: expected JSON, got/);
    assert.throws(
      () => readExperiment(scratch),
      (error) => error instanceof AppError && error.code === "FILE_SYSTEM",
    );
  });

  test("the hash follows what decides the weights, and nothing else", () => {
    const hash = (change: object): string => hashExperiment(parse(change));
    assert.equal(hash({ description: "x", threads: 2, keepBest: 3, checkpointEverySteps: 7 }), hash({}));
    assert.equal(hash({ batchSize: 32 }), hash({}));
    assert.notEqual(hash({ seed: 2 }), hash({}));
    assert.notEqual(hash({ learningRate: { heads: 2e-3 } }), hash({}));
  });
});
