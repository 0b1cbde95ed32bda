import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { config, drawWeights, makeReading, now, openModel, textModel } from "../../test/fake-readiness.js";
import { AppError, type ErrorCode } from "../base/errors.js";
import { PopulationStatistics } from "../behavior/statistics.js";
import { writeSealedFolder } from "../model/folder/sealed-folder.js";
import { parseReadinessManifest, readinessFormat, type UnsealedReadinessManifest } from "./manifest.js";
import { ReadinessModel } from "./model.js";
import { encodeReadiness } from "./network.js";

const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

const manifest: UnsealedReadinessManifest = {
  formatVersion: 1,
  kind: "readiness",
  name: "fake",
  version: "1",
  created: "2025-01-01T00:00:00Z",
  description: "",
  textModel,
  network: config,
  calibration: { slope: 1.2, intercept: -0.1, rows: 1 },
  training: {
    experiment: "test",
    seed: 1,
    steps: 1,
    epochs: 1,
    minutes: 0,
    examples: 1,
    learners: {
      source: "simulated",
      train: 1,
      validation: 1,
      seeds: { train: 1, validation: 2 },
      utterances: { corpus: "learner", split: "validation", train: 1, validation: 1 },
    },
    figures: {},
  },
};

describe("a readiness model's folder", () => {
  let folder: string;
  const content = {
    "model.onnx": encodeReadiness(config, drawWeights(1)),
    "population.json": Buffer.from(JSON.stringify(new PopulationStatistics().state)),
    "README.md": Buffer.from("# fake\n"),
  };
  before(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "attune-readiness-")), "model");
    await writeSealedFolder(folder, manifest, content, readinessFormat);
  });
  after(() => rm(join(folder, ".."), { recursive: true }));

  test("answers as the model it was written from", async () => {
    const [loaded, own] = await Promise.all([ReadinessModel.load(folder, { textModel }), openModel()]);
    const moments = [{ at: now - 500, reading: makeReading(3, 0.2), behavior: { correct: true } }];
    assert.deepEqual(await loaded.assess(moments, now), await own.assess(moments, now));
    await Promise.all([loaded.close(), own.close()]);
  });

  test("answers the same where its network lies in parts", async () => {
    const inParts = `${folder}-in-parts`;
    await writeSealedFolder(inParts, manifest, content, { ...readinessFormat, partBytes: 1000 });
    assert.ok((await readdir(inParts)).includes("model.onnx.2"));
    const [loaded, own] = await Promise.all([ReadinessModel.load(inParts, { textModel }), openModel()]);
    const moments = [{ at: now - 500, reading: makeReading(3, 0.2), behavior: { correct: true } }];
    assert.deepEqual(await loaded.assess(moments, now), await own.assess(moments, now));
    await Promise.all([loaded.close(), own.close()]);
  });

  test("is refused with the command to retrain where the text model is another, by name, version or content", async () => {
    for (const change of [{ name: "other" }, { version: "2" }, { sha256: "b".repeat(64) }]) {
      await assert.rejects(
        ReadinessModel.load(folder, { textModel: { ...textModel, ...change } }),
        withCode("WEIGHTS_MISMATCH", /retrain: attune train experiments\/readiness\.json$/),
      );
    }
    await (await ReadinessModel.load(folder, { textModel: { name: "text", version: "1" } })).close();
  });

  test("is refused where a file was changed or is missing", async () => {
    await writeFile(
      join(folder, "population.json"),
      JSON.stringify({ ...new PopulationStatistics().state }, null, 1),
    );
    await assert.rejects(ReadinessModel.load(folder), withCode("MODEL_HASH", /population\.json/));
    await rm(join(folder, "population.json"));
    await assert.rejects(
      ReadinessModel.load(folder),
      withCode("MODEL_NOT_FOUND", /no population\.json; .*attune train experiments\/readiness\.json/),
    );
  });

  test("its manifest is refused where it is of another kind or version, incomplete, or points elsewhere", () => {
    const record = { sha256: "a".repeat(64), bytes: 1 };
    const files = { "model.onnx": record, "population.json": record, "README.md": record };
    assert.deepEqual(parseReadinessManifest({ ...manifest, files }, "m"), { ...manifest, files });
    const refuse = (changes: object, code: ErrorCode, message: RegExp): void =>
      assert.throws(
        () => parseReadinessManifest({ ...manifest, files, ...changes }, "m"),
        withCode(code, message),
      );
    refuse({ formatVersion: 2 }, "MODEL_VERSION", /got 2; update Attune/);
    refuse({ kind: "text" }, "MODEL_FILE", /kind: expected/);
    refuse({ files: { "model.onnx": record } }, "MODEL_FILE", /expected population\.json, got none/);
    refuse({ files: { ...files, "../x": record } }, "MODEL_FILE", /files\.\.\.\/x/);
    const cut = { ...record, bytes: 3, parts: [record, record] };
    refuse(
      { files: { ...files, "model.onnx": cut } },
      "MODEL_FILE",
      /files\.model\.onnx\.parts: expected parts of one size, .* of 3 bytes together, got \[/,
    );
    refuse({ calibration: { slope: -1, intercept: 0, rows: 1 } }, "MODEL_FILE", /calibration\.slope/);
  });
});
