/** @file The model directory: the one place where training and serving meet, checked in full before anything is answered from it. */
import { join } from "node:path";
import { parseJson } from "../file.js";
import {
  type ExpectedLabels,
  formatVersion,
  type ModelManifest,
  modelFiles,
  parseManifest,
  type UnsealedManifest,
} from "./manifest.js";
import { getAnother } from "./sealed-file.js";
import { type FolderFormat, readSealedFolder, writeSealedFolder } from "./sealed-folder.js";

type ModelFile = (typeof modelFiles)[number];

const formatOf = (expectedLabels: ExpectedLabels = {}): FolderFormat<ModelManifest, ModelFile> => ({
  files: modelFiles,
  makeOne: "attune train experiments/small.json",
  parse: (json, where) => parseManifest(json, where, expectedLabels),
});

/** A model as read and checked. */
export interface ModelDirectory {
  readonly folder: string;
  readonly manifest: ModelManifest;
  /** Content of `model.onnx`, which may lie in parts that nothing else reads as one. */
  readonly modelBytes: Uint8Array;
  /** Parsed `tokenizer.json`. */
  readonly tokenizer: unknown;
}

/** What a model directory is made from. */
export interface ModelDirectoryContent {
  readonly manifest: UnsealedManifest;
  readonly modelBytes: Uint8Array;
  /** Content of the base's `tokenizer.json`, as text or parsed. */
  readonly tokenizerJson: unknown;
  /** Markdown for `README.md`; see `renderCard`. */
  readonly card: string;
}

/**
 * Reads a model directory and checks everything in it.
 * @param expectedLabels labels in the order the caller reads logits in
 * @throws MODEL_NOT_FOUND naming all that is missing
 * @throws MODEL_FILE when a file is cut short or is not what its name says
 * @throws MODEL_VERSION, MODEL_SHAPE, MODEL_LABELS as `parseManifest`
 * @throws MODEL_HASH naming the file that is not the one recorded
 */
export async function readModelDirectory(
  folder: string,
  expectedLabels: ExpectedLabels = {},
): Promise<ModelDirectory> {
  const { manifest, contentOf } = await readSealedFolder(folder, formatOf(expectedLabels));
  return {
    folder,
    manifest,
    modelBytes: contentOf("model.onnx"),
    tokenizer: parseJson(contentOf("tokenizer.json"), join(folder, "tokenizer.json"), getAnother),
  };
}

/**
 * Writes a model directory as a whole, as `writeSealedFolder` does.
 * @returns the manifest with sizes and hashes
 * @throws MODEL_FILE, MODEL_SHAPE, MODEL_LABELS when the manifest would not be accepted by `readModelDirectory`
 * @throws FILE_SYSTEM when `folder` holds something other than a model, or cannot be written
 * @throws DISK_FULL
 */
export async function writeModelDirectory(
  folder: string,
  { manifest, modelBytes, tokenizerJson, card }: ModelDirectoryContent,
): Promise<ModelManifest> {
  const text = typeof tokenizerJson === "string" ? tokenizerJson : JSON.stringify(tokenizerJson);
  const content = {
    "model.onnx": modelBytes,
    "tokenizer.json": Buffer.from(text),
    "README.md": Buffer.from(card),
  };
  return writeSealedFolder(folder, { ...manifest, formatVersion }, content, formatOf());
}

/**
 * Changes what a directory's manifest says, as recalibration does, and its card if told how; all or nothing.
 * @param renderCard given the changed manifest and the card as it is
 * @throws everything `readModelDirectory` and `writeModelDirectory` throw
 */
export async function updateManifest(
  folder: string,
  change: (manifest: ModelManifest) => UnsealedManifest,
  renderCard?: (manifest: UnsealedManifest, card: string) => string,
): Promise<ModelManifest> {
  const { manifest, contentOf } = await readSealedFolder(folder, formatOf());
  const changed = change(manifest);
  const card = contentOf("README.md").toString("utf8");
  return writeModelDirectory(folder, {
    manifest: changed,
    modelBytes: contentOf("model.onnx"),
    tokenizerJson: contentOf("tokenizer.json").toString("utf8"),
    card: renderCard?.(changed, card) ?? card,
  });
}
