/** @file A folder of files sealed by a manifest: sizes and hashes are recorded when it is written and checked when it is read. */
import { cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError, toAppError } from "../../base/errors.js";
import { isMissing, nameBeside, parseJson, readBytes, syncFolder, writeAll, writeSynced } from "../file.js";
import {
  describeFile,
  type FileRecord,
  getAnother,
  isPartOf,
  listStored,
  manifestName,
  readSealedFile,
  writeSealedFile,
} from "./sealed-file.js";

/** What every manifest holds. */
export interface Sealed {
  /** Size and hash of every file of the folder but the manifest itself, and of the parts of those that lie in parts. */
  readonly files: Readonly<Record<string, FileRecord>>;
}

/** A kind of sealed folder: which files it must hold and what its manifest says. */
export interface FolderFormat<Manifest extends Sealed, Name extends string> {
  /** Files beside the manifest that must be there; the manifest's check must hold that each is listed. */
  readonly files: readonly Name[];
  /** Command that makes such a folder, for the message where there is none. */
  readonly makeOne: string;
  /** Checks a manifest. @param where its path, for messages */
  readonly parse: (json: unknown, where: string) => Manifest;
  /** Files of more bytes are written in parts; `partBytes` of sealed-file.ts where it is left out. */
  readonly partBytes?: number;
}

/** A sealed folder as read. */
export interface SealedFolder<Manifest extends Sealed, Name extends string> {
  readonly manifest: Manifest;
  contentOf(name: Name): Buffer;
}

/**
 * Reads the manifest and every file it lists, each once, and compares it with what is recorded.
 * @throws MODEL_NOT_FOUND naming all that is missing
 * @throws MODEL_FILE when a file is cut short or the manifest is not JSON; whatever `parse` throws
 * @throws MODEL_HASH naming the file that is not the one recorded
 */
export async function readSealedFolder<Manifest extends Sealed, Name extends string>(
  folder: string,
  format: FolderFormat<Manifest, Name>,
): Promise<SealedFolder<Manifest, Name>> {
  const manifestPath = join(folder, manifestName);
  if (!(await exists(manifestPath))) {
    // Nothing tells what lies in parts: a first part stands for its file.
    const stored = format.files.map(async (name) =>
      (await exists(join(folder, `${name}.1`))) ? `${name}.1` : name,
    );
    await requireComplete(folder, [manifestName, ...(await Promise.all(stored))], format.makeOne);
  }
  const json = parseJson(await readBytes(manifestPath, getAnother), manifestPath, getAnother);
  const manifest = format.parse(json, manifestPath);
  const records = Object.entries(manifest.files);
  await requireComplete(
    folder,
    records.flatMap(([name, record]) => listStored(name, record)),
    format.makeOne,
  );
  const files = new Map<string, Buffer>();
  for (const [name, record] of records) files.set(name, await readSealedFile(folder, name, record));
  // `parse` holds that every one of the format's files is listed.
  return { manifest, contentOf: (name) => files.get(name) as Buffer };
}

/**
 * What kind of model a folder's manifest says it is; `undefined` where it names none or cannot be read as one, which the
 * reader of its kind will tell.
 */
export async function readManifestKind(folder: string): Promise<unknown> {
  try {
    const path = join(folder, manifestName);
    const json = parseJson(await readBytes(path, getAnother), path, getAnother);
    return typeof json === "object" && json !== null && "kind" in json ? json.kind : undefined;
  } catch {
    return undefined; // whoever reads the folder next says what is wrong with it
  }
}

/**
 * Writes a sealed folder as a whole: built beside, synced, then put in place of the one before, whose other files
 * (reports, notes) move along; what is named as a part of one of its files does not. Should the machine stop between
 * the two renames, the one before is `.<name>.previous`.
 * @param manifest all but the files, which are recorded here
 * @returns the manifest with sizes and hashes
 * @throws FILE_SYSTEM when `folder` holds something other than a model, or cannot be written; DISK_FULL
 * @throws whatever `parse` throws of the sealed manifest
 */
export async function writeSealedFolder<Manifest extends Sealed, Name extends string>(
  folder: string,
  manifest: Omit<Manifest, "files">,
  content: Readonly<Record<Name, Uint8Array>>,
  format: FolderFormat<Manifest, Name>,
): Promise<Manifest> {
  const target = resolve(folder);
  const files: Record<string, FileRecord> = Object.fromEntries(
    format.files.map((name) => [name, describeFile(content[name], format.partBytes)]),
  );
  const sealed = format.parse({ ...manifest, files }, join(target, manifestName));
  const temporary = join(dirname(target), `.${basename(nameBeside(target, "tmp"))}`);
  try {
    const others = await listOthers(target, format.files);
    await mkdir(temporary, { recursive: true });
    for (const name of format.files) {
      await writeSealedFile(temporary, name, content[name], files[name] as FileRecord);
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

async function requireComplete(folder: string, names: readonly string[], makeOne: string): Promise<void> {
  const present = await Promise.all(names.map((name) => exists(join(folder, name))));
  const missing = names.filter((_, i) => !present[i]);
  if (missing.length === 0) return;
  const previous = previousOf(resolve(folder));
  const remedy = (await exists(previous))
    ? `an interrupted export left the model before it: rename ${previous}`
    : `${getAnother}, or train one: ${makeOne}`;
  const got = (await exists(folder)) ? `no ${missing.join(", ")}` : "no such folder";
  throw new AppError("MODEL_NOT_FOUND", `${folder}: expected a model directory, got ${got}; ${remedy}`);
}

/** What else lies in a model's folder; a folder that is not a model's is not written over. */
async function listOthers(target: string, own: readonly string[]): Promise<string[]> {
  if (!(await exists(target))) return [];
  const names = await readdir(target);
  if (names.length > 0 && !names.includes(manifestName)) {
    throw new AppError(
      "FILE_SYSTEM",
      `${target}: expected a model directory or an empty one, got ${names.slice(0, 3).join(", ")}; name another folder`,
    );
  }
  return names.filter(
    (name) => name !== manifestName && !own.some((file) => name === file || isPartOf(name, file)),
  );
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
