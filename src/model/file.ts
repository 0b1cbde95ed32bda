/** @file Reading and writing of model files: clear errors on the way in, all or nothing on the way out. */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError, toAppError } from "../base/errors.js";

/** Whether an error is the system's "no such file or folder". */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * A whole file as bytes.
 * @throws MODEL_NOT_FOUND when it is not there, with `remedy`
 * @throws FILE_SYSTEM when it cannot be read
 */
export async function readBytes(path: string, remedy: string): Promise<Buffer> {
  const { pieces } = await readPieces([path], remedy);
  return pieces[0] as Buffer;
}

/** Files read one behind the other. */
export interface Pieces {
  readonly whole: Buffer;
  /** Of each file its stretch of `whole`. */
  readonly pieces: readonly Buffer[];
}

/**
 * Files one behind the other in a single buffer, so that a whole in pieces takes no more memory than one that is not.
 * @throws MODEL_NOT_FOUND when one is not there, with `remedy`
 * @throws FILE_SYSTEM when one cannot be read
 */
export async function readPieces(paths: readonly string[], remedy: string): Promise<Pieces> {
  const handles: FileHandle[] = [];
  const ends: number[] = [];
  let path = "";
  try {
    for (path of paths) {
      const handle = await open(path, "r");
      handles.push(handle);
      ends.push((ends.at(-1) ?? 0) + (await handle.stat()).size);
    }
    const whole = Buffer.allocUnsafeSlow(ends.at(-1) ?? 0);
    const pieces: Buffer[] = [];
    for (const [i, handle] of handles.entries()) {
      path = paths[i] as string;
      pieces.push(await fill(whole.subarray(ends[i - 1] ?? 0, ends[i]), handle));
    }
    return { whole, pieces };
  } catch (cause) {
    if (!isMissing(cause)) throw toAppError(cause, `reading ${path}`, "FILE_SYSTEM");
    throw new AppError("MODEL_NOT_FOUND", `${path}: expected a file, found none; ${remedy}`, { cause });
  } finally {
    for (const handle of handles) await handle.close();
  }
}

/** One read of the whole: readFile's small pieces take several times as long for a model's 25 MB. */
async function fill(bytes: Buffer, handle: FileHandle): Promise<Buffer> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.length - done, 2 ** 30), done);
    if (bytesRead === 0) break; // cut while being read: whoever checks the length or the hash will say so
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/**
 * Parses UTF-8 JSON read from `path`.
 * @throws MODEL_FILE when the bytes are not UTF-8 or not JSON
 */
export function parseJson(bytes: Uint8Array, path: string, remedy: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const got = bytes.length === 0 ? "an empty file" : cause instanceof Error ? cause.message : String(cause);
    throw new AppError("MODEL_FILE", `${path}: expected valid JSON, got ${got}; ${remedy}`, { cause });
  }
}

/** A name beside `path` that no other writer uses. */
export function nameBeside(path: string, kind: string): string {
  return `${path}.${kind}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** Makes renames and new names in `folder` last through a power cut, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows cannot open a folder for syncing
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of `bytes` at the handle's position, in pieces the system call can take. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

/** Writes a new file and waits until it is on the disk. */
export async function writeSynced(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces `path` as a whole: temporary file, fsync, rename, fsync of the folder.
 * After a crash or a full disk the file before stands untouched.
 * @throws DISK_FULL, FILE_SYSTEM
 */
export async function writeAtomically(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = nameBeside(path, "tmp");
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(temporary, write);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the failure before is the one to tell
    throw toAppError(error, `writing ${path}`, "FILE_SYSTEM");
  }
}
