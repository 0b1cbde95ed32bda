import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readinessModel, writeInterventionModel } from "../../test/fixtures/intervention-model.js";
import { situationOf } from "../../test/fixtures/situations.js";
import { Decider } from "./decider.js";
import { buildFeatures } from "./features.js";
import { parseInterventionManifest } from "./manifest.js";
import { InterventionModel } from "./model.js";

const root = mkdtempSync(join(tmpdir(), "attune-intervention-"));
after(() => rmSync(root, { recursive: true, force: true }));

describe("InterventionModel", () => {
  test("values every level of a situation, one by one as in a batch, and decides behind guards", async () => {
    const folder = join(root, "whole");
    await writeInterventionModel(folder, 2);
    const model = await InterventionModel.load(folder, { readinessModel });
    const situations = [
      situationOf([{ emotion: "joy" }]),
      situationOf([{ emotion: "anger" }, { level: 2 }, {}]),
    ];
    const rows = situations.map(buildFeatures);
    const both = await model.predict(rows);
    assert.equal(both.length, 2 * 3 * 6);
    const second = await model.predict(rows.slice(1));
    second.forEach((value, i) => {
      assert.ok(Math.abs(value - (both[18 + i] as number)) < 1e-5);
    });
    const decision = await new Decider({ policy: model.createPolicy() }).decide(
      situations[0] as (typeof situations)[0],
    );
    assert.equal(decision.values.length, 6);
    await assert.rejects(model.predict([{ values: new Float32Array(3), known: new Uint8Array(3) }]), {
      code: "MODEL_SHAPE",
    });
    await model.close();
  });

  test("refuses another readiness model, another file, another format", async () => {
    const folder = join(root, "refused");
    const manifest = await writeInterventionModel(folder, 2);
    await assert.rejects(
      InterventionModel.load(folder, { readinessModel: { ...readinessModel, sha256: "c".repeat(64) } }),
      { code: "WEIGHTS_MISMATCH", message: /retrain: attune train experiments\/intervention\.json/ },
    );
    assert.throws(() => parseInterventionManifest({ ...manifest, formatVersion: 2 }, "m"), {
      code: "MODEL_VERSION",
    });
    assert.throws(() => parseInterventionManifest({ ...manifest, cost: [1, 0, 0, 0, 0, 0] }, "m"), {
      code: "MODEL_FILE",
      message: /cost: expected 6 numbers from 0, the first 0/,
    });
    const [, ...others] = manifest.features;
    assert.throws(() => parseInterventionManifest({ ...manifest, features: ["other", ...others] }, "m"), {
      message: /features\[0\]: expected state\.0, got other/,
    });
    const { bytes: size, sha256 } = manifest.files["model.onnx"] ?? { bytes: 0, sha256: "" };
    const [first, last] = [size - 1, 1].map((bytes) => ({ bytes, sha256 })) as [object, object];
    const cutIn = (parts: object[]): object => ({
      ...manifest,
      files: { ...manifest.files, "model.onnx": { bytes: size, sha256, parts } },
    });
    assert.doesNotThrow(() => parseInterventionManifest(cutIn([first, last]), "m"));
    assert.throws(() => parseInterventionManifest(cutIn([first, last, last]), "m"), {
      code: "MODEL_FILE",
      message: /files\.model\.onnx\.parts: expected parts of one size/,
    });
    const path = join(folder, "model.onnx");
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    writeFileSync(path, bytes);
    await assert.rejects(InterventionModel.load(folder), { code: "MODEL_HASH" });
  });
});
