/** @file The model directory: the one place where training and serving meet, checked in full before anything is answered from it. */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { isMissing, nameBeside, parseJson, readBytes, syncFolder, writeAll, writeSynced } from "./file.js";
import {
  type ExpectedLabels,
  formatVersion,
  type ModelManifest,
  modelFiles,
  parseManifest,
  type UnsealedManifest,
} from "./manifest.js";

const manifestName = "model.json";
const getAnother = "copy or export the model again";

/** A model as read and checked. */
export interface ModelDirectory {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly modelPath: string;
  /** Content of `model.onnx`, so that it need not be read twice. */
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
  const { manifest, contentOf } = await readChecked(folder, expectedLabels);
  return {
    folder,
    manifest,
    modelPath: join(folder, "model.onnx"),
    modelBytes: contentOf("model.onnx"),
    tokenizer: parseJson(contentOf("tokenizer.json"), join(folder, "tokenizer.json"), getAnother),
  };
}

/**
 * Writes a model directory as a whole: built beside, synced, then put in place of the one before, whose other files
 * (reports, notes) move along. Should the machine stop between the two renames, the one before is `.<name>.previous`.
 * @returns the manifest with sizes and hashes
 * @throws MODEL_FILE, MODEL_SHAPE, MODEL_LABELS when the manifest would not be accepted by `readModelDirectory`
 * @throws FILE_SYSTEM when `folder` holds something other than a model, or cannot be written
 * @throws DISK_FULL
 */
export async function writeModelDirectory(
  folder: string,
  { manifest, modelBytes, tokenizerJson, card }: ModelDirectoryContent,
): Promise<ModelManifest> {
  const target = resolve(folder);
  const text = typeof tokenizerJson === "string" ? tokenizerJson : JSON.stringify(tokenizerJson);
  const content: Record<(typeof modelFiles)[number], Uint8Array> = {
    "model.onnx": modelBytes,
    "tokenizer.json": Buffer.from(text),
    "README.md": Buffer.from(card),
  };
  const files = Object.fromEntries(modelFiles.map((name) => [name, describeFile(content[name])]));
  const sealed = parseManifest({ ...manifest, formatVersion, files }, join(target, manifestName));
  const temporary = join(dirname(target), `.${basename(nameBeside(target, "tmp"))}`);
  try {
    const others = await listOthers(target);
    await mkdir(temporary, { recursive: true });
    for (const [name, bytes] of Object.entries(content)) {
      await writeSynced(join(temporary, name), (handle) => writeAll(handle, bytes));
    }
    const json = `${JSON.stringify(sealed, null, 2)}\n`;
    await writeSynced(join(temporary, manifestName), (handle) => writeAll(handle, Buffer.from(json)));
    for (const name of others) await cp(join(target, name), join(temporary, name), { recursive: true });
    await syncFolder(temporary);
    await replaceFolder(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the failure before is the one to tell
    throw toAppError(error, `writing ${target}`, "FILE_SYSTEM");
  }
  return sealed;
}

/**
 * Changes what a directory's manifest says, as recalibration does, and its card if one is given; all or nothing.
 * @throws everything `readModelDirectory` and `writeModelDirectory` throw
 */
export async function updateManifest(
  folder: string,
  change: (manifest: ModelManifest) => UnsealedManifest,
  renderCard?: (manifest: UnsealedManifest) => string,
): Promise<ModelManifest> {
  const { manifest, contentOf } = await readChecked(folder);
  const changed = change(manifest);
  return writeModelDirectory(folder, {
    manifest: changed,
    modelBytes: contentOf("model.onnx"),
    tokenizerJson: contentOf("tokenizer.json").toString("utf8"),
    card: renderCard?.(changed) ?? contentOf("README.md").toString("utf8"),
  });
}

/** The manifest and every file it lists, each read once and compared with what is recorded. */
async function readChecked(folder: string, expectedLabels: ExpectedLabels = {}) {
  await requireComplete(folder);
  const manifestPath = join(folder, manifestName);
  const json = parseJson(await readBytes(manifestPath, getAnother), manifestPath, getAnother);
  const manifest = parseManifest(json, manifestPath, expectedLabels);
  const files = new Map<string, Buffer>();
  for (const [name, record] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const bytes = await readBytes(path, getAnother);
    requireUnchanged(bytes, record, path);
    files.set(name, bytes);
  }
  // parseManifest holds that every one of modelFiles is listed.
  const contentOf = (name: (typeof modelFiles)[number]): Buffer => files.get(name) as Buffer;
  return { manifest, contentOf };
}

function describeFile(bytes: Uint8Array): { sha256: string; bytes: number } {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}

function requireUnchanged(bytes: Uint8Array, recorded: ModelManifest["files"][string], path: string): void {
  if (bytes.length < recorded.bytes) {
    throw new AppError(
      "MODEL_FILE",
      `${path}: expected ${recorded.bytes} bytes, got ${bytes.length}: the file is cut short; ${getAnother}`,
    );
  }
  const { sha256 } = describeFile(bytes);
  if (sha256 === recorded.sha256) return;
  throw new AppError(
    "MODEL_HASH",
    `${path}: expected SHA-256 ${recorded.sha256}, got ${sha256}; ${getAnother}`,
  );
}

async function requireComplete(folder: string): Promise<void> {
  const names = [manifestName, ...modelFiles];
  const present = await Promise.all(names.map((name) => exists(join(folder, name))));
  const missing = names.filter((_, i) => !present[i]);
  if (missing.length === 0) return;
  const previous = previousOf(resolve(folder));
  const remedy = (await exists(previous))
    ? `an interrupted export left the model before it: rename ${previous}`
    : `${getAnother}, or train one: attune train experiments/small.json`;
  const got = (await exists(folder)) ? `no ${missing.join(", ")}` : "no such folder";
  throw new AppError("MODEL_NOT_FOUND", `${folder}: expected a model directory, got ${got}; ${remedy}`);
}

/** What else lies in a model's folder; a folder that is not a model's is not written over. */
async function listOthers(target: string): Promise<string[]> {
  if (!(await exists(target))) return [];
  const names = await readdir(target);
  if (names.length > 0 && !names.includes(manifestName)) {
    throw new AppError(
      "FILE_SYSTEM",
      `${target}: expected a model directory or an empty one, got ${names.slice(0, 3).join(", ")}; name another folder`,
    );
  }
  return names.filter((name) => name !== manifestName && !modelFiles.some((file) => file === name));
}

/** Systems have no exchange of two folders: the old one steps aside, the new one in, and the old one goes. */
async function replaceFolder(from: string, target: string): Promise<void> {
  const previous = previousOf(target);
  const replaces = await exists(target);
  if (replaces) {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
  }
  try {
    await rename(from, target);
  } catch (error) {
    if (replaces) await rename(previous, target);
    throw error;
  }
  await syncFolder(dirname(target));
  await rm(previous, { recursive: true, force: true });
}

function previousOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.previous`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
  }
}
