import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { productLabels, sampleManifest } from "../../../test/fixtures/manifest.js";
import { readModelDirectory, updateManifest, writeModelDirectory } from "./directory.js";

const modelBytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const tokenizerJson = '{ "model": { "type": "WordPiece", "vocab": { "b": 1, "0": 0 } } }\n';
const content = { manifest: sampleManifest, modelBytes, tokenizerJson, card: "# Card\n" };

let root = "";
let folder = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "attune-directory-"));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  const own = await mkdtemp(join(root, "t-"));
  folder = join(own, "model");
  await writeModelDirectory(folder, content);
});

/** Names beside the model's folder, where nothing may be left behind. */
function listBeside(): Promise<string[]> {
  return readdir(join(folder, ".."));
}

async function editManifest(edit: (json: Record<string, unknown>) => void): Promise<void> {
  const path = join(folder, "model.json");
  const json = JSON.parse(await readFile(path, "utf8"));
  edit(json);
  await writeFile(path, JSON.stringify(json));
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Lays the model in three parts as the format says, by hand. */
async function cutModel(): Promise<void> {
  const pieces = [modelBytes.subarray(0, 400), modelBytes.subarray(400, 800), modelBytes.subarray(800)];
  await rm(join(folder, "model.onnx"));
  for (const [i, piece] of pieces.entries()) await writeFile(join(folder, `model.onnx.${i + 1}`), piece);
  await editManifest((json) => {
    const files = json.files as Record<string, object>;
    const parts = pieces.map((piece) => ({ sha256: sha256Of(piece), bytes: piece.length }));
    files["model.onnx"] = { ...files["model.onnx"], parts };
  });
}

describe("model directory", () => {
  test("what is written is read back, byte for byte", async () => {
    const read = await readModelDirectory(folder, productLabels);
    const { files, ...manifest } = read.manifest;
    assert.deepEqual(manifest, sampleManifest);
    assert.deepEqual(Object.keys(files), ["model.onnx", "tokenizer.json", "README.md"]);
    assert.equal(files["model.onnx"]?.bytes, 1000);
    assert.deepEqual(new Uint8Array(read.modelBytes), modelBytes);
    assert.deepEqual(read.tokenizer, JSON.parse(tokenizerJson));
    assert.equal(await readFile(join(folder, "tokenizer.json"), "utf8"), tokenizerJson);
    assert.deepEqual((await readdir(folder)).sort(), [
      "README.md",
      "model.json",
      "model.onnx",
      "tokenizer.json",
    ]);
    assert.deepEqual(await listBeside(), ["model"]);
  });

  const tamperings: [what: string, code: string, act: () => Promise<unknown>, message: RegExp][] = [
    ["no folder", "MODEL_NOT_FOUND", () => rm(folder, { recursive: true }), /no such folder; .*attune train/],
    [
      "files gone",
      "MODEL_NOT_FOUND",
      async () => {
        await rm(join(folder, "model.onnx"));
        await rm(join(folder, "tokenizer.json"));
      },
      /got no model\.onnx, tokenizer\.json;/,
    ],
    [
      "a manifest cut short",
      "MODEL_FILE",
      () => truncate(join(folder, "model.json"), 100),
      /model\.json: expected valid JSON/,
    ],
    ["an empty manifest", "MODEL_FILE", () => truncate(join(folder, "model.json"), 0), /got an empty file/],
    [
      "a model cut short",
      "MODEL_FILE",
      () => truncate(join(folder, "model.onnx"), 999),
      /model\.onnx: expected 1000 bytes, got 999/,
    ],
    [
      "a model with one bit turned",
      "MODEL_HASH",
      () => writeFile(join(folder, "model.onnx"), modelBytes.with(500, (modelBytes[500] ?? 0) ^ 1)),
      /model\.onnx: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/,
    ],
    [
      "a longer model",
      "MODEL_HASH",
      () => writeFile(join(folder, "model.onnx"), new Uint8Array(1001)),
      /model\.onnx/,
    ],
    [
      "another tokenizer",
      "MODEL_HASH",
      () => writeFile(join(folder, "tokenizer.json"), `${tokenizerJson} `),
      /tokenizer\.json/,
    ],
    ["an edited card", "MODEL_HASH", () => writeFile(join(folder, "README.md"), "# Dare\n"), /README\.md/],
    [
      "another format",
      "MODEL_VERSION",
      () => editManifest((json) => Object.assign(json, { formatVersion: 99 })),
      /got 99/,
    ],
    [
      "labels turned round",
      "MODEL_LABELS",
      () =>
        editManifest((json) => {
          (
            json.heads as typeof sampleManifest.heads & { support: { labels: string[] } }
          ).support.labels.reverse();
        }),
      /support\): expected label 0 to be none, got critical/,
    ],
    [
      "a threshold too few",
      "MODEL_SHAPE",
      () =>
        editManifest((json) => {
          (json.calibration as { thresholds: { perLabel: number[] } }).thresholds.perLabel.pop();
        }),
      /28 goemotions thresholds, got 27/,
    ],
  ];
  for (const [what, code, act, message] of tamperings) {
    test(`refuses ${what}`, async () => {
      await act();
      await assert.rejects(readModelDirectory(folder, productLabels), { code, message });
    });
  }

  test("a model in parts is read as one, by the same identity", async () => {
    await cutModel();
    const read = await readModelDirectory(folder, productLabels);
    assert.deepEqual(new Uint8Array(read.modelBytes), modelBytes);
    assert.equal(read.manifest.files["model.onnx"]?.sha256, sha256Of(modelBytes));
  });

  test("a tokenizer that is not JSON is refused though its hash is right", async () => {
    await writeModelDirectory(folder, { ...content, tokenizerJson: "not JSON" });
    await assert.rejects(readModelDirectory(folder), {
      code: "MODEL_FILE",
      message: /tokenizer\.json: expected valid JSON/,
    });
  });

  test("a second write replaces the first, keeps other files, leaves nothing behind", async () => {
    await mkdir(join(folder, "reports"));
    await writeFile(join(folder, "reports", "evaluation.json"), "{}");
    await writeModelDirectory(folder, { ...content, modelBytes: Uint8Array.of(1), card: "# New\n" });
    const read = await readModelDirectory(folder);
    assert.deepEqual([...read.modelBytes], [1]);
    assert.equal(await readFile(join(folder, "reports", "evaluation.json"), "utf8"), "{}");
    assert.deepEqual(await listBeside(), ["model"]);
  });

  test("a manifest that would be refused is not written, and the model before stays", async () => {
    const manifest = { ...sampleManifest, heads: { ...sampleManifest.heads, pad: { labels: ["pleasure"] } } };
    await assert.rejects(writeModelDirectory(folder, { ...content, manifest }), { code: "MODEL_SHAPE" });
    await readModelDirectory(folder, productLabels);
    assert.deepEqual(await listBeside(), ["model"]);
  });

  test("a folder of something else is not written over", async () => {
    const other = join(folder, "..", "photos");
    await mkdir(other);
    await writeFile(join(other, "cat.jpg"), "meow");
    await assert.rejects(writeModelDirectory(other, content), { code: "FILE_SYSTEM", message: /cat\.jpg/ });
    assert.deepEqual(await readdir(other), ["cat.jpg"]);
    assert.deepEqual((await listBeside()).sort(), ["model", "photos"]);
  });

  test("after a stop between the two renames the message says where the model before is", async () => {
    const previous = join(folder, "..", ".model.previous");
    await rename(folder, previous);
    await assert.rejects(readModelDirectory(folder), {
      code: "MODEL_NOT_FOUND",
      message: /\.model\.previous/,
    });
    await writeModelDirectory(folder, content);
    assert.deepEqual(await listBeside(), ["model"]);
  });
});

describe("updateManifest", () => {
  test("changes the manifest and the card and nothing else", async () => {
    const before = await readModelDirectory(folder);
    const temperatures = { emotion: 2, goemotions: 3, support: 4 };
    await updateManifest(
      folder,
      (manifest) => ({ ...manifest, calibration: { ...manifest.calibration, temperatures } }),
      ({ calibration }) => `T = ${calibration.temperatures.emotion}`,
    );
    const read = await readModelDirectory(folder, productLabels);
    assert.deepEqual(read.manifest.calibration, { ...sampleManifest.calibration, temperatures });
    assert.equal(await readFile(join(folder, "README.md"), "utf8"), "T = 2");
    for (const name of ["model.onnx", "tokenizer.json"]) {
      assert.deepEqual(read.manifest.files[name], before.manifest.files[name]);
    }
  });

  test("a model in parts stays the same model", async () => {
    await cutModel();
    await updateManifest(folder, (manifest) => ({ ...manifest, version: "0.0.2" }));
    const { manifest, modelBytes: bytes } = await readModelDirectory(folder);
    assert.equal(manifest.version, "0.0.2");
    assert.equal(manifest.files["model.onnx"]?.sha256, sha256Of(modelBytes));
    assert.deepEqual(new Uint8Array(bytes), modelBytes);
  });

  test("without a card the one there stays; a damaged model is not sealed anew", async () => {
    await updateManifest(folder, (manifest) => ({ ...manifest, version: "0.0.2" }));
    assert.equal((await readModelDirectory(folder)).manifest.version, "0.0.2");
    assert.equal(await readFile(join(folder, "README.md"), "utf8"), "# Card\n");
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    await writeFile(join(copy, "model.onnx"), new Uint8Array(1000));
    await assert.rejects(
      updateManifest(copy, (manifest) => manifest),
      { code: "MODEL_HASH" },
    );
  });
});
