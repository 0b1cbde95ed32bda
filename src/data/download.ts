/** @file Gets files from their public home or a folder: resumed where cut off, checked by hash, in place only when whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, toAppError } from "../base/errors.js";
import type { Source, SourceFile } from "./sources.js";

/** How a file is downloaded. */
export interface DownloadOptions {
  readonly url: string;
  readonly target: string;
  /** SHA-256 hashes the file may have. */
  readonly sha256: readonly string[];
  /** Called with the bytes there so far, those of an earlier run included. */
  readonly onBytes?: (bytes: number) => void;
  /** Tries before giving up; each goes on where the last one was cut off. */
  readonly attempts?: number;
  /** Wait before the second try, doubled each time. */
  readonly retryDelayMs?: number;
  /** A connection that is silent for so long counts as cut. */
  readonly silenceMs?: number;
}

/** How a source is obtained. */
export interface ObtainOptions extends Pick<DownloadOptions, "attempts" | "retryDelayMs" | "silenceMs"> {
  /** Folder for the files. */
  readonly to: string;
  /** Folder to import from instead of downloading. */
  readonly from?: string;
  /** Another home than the published one, e.g. a mirror. */
  readonly home?: string;
  /** Called with the bytes of all files there so far and the bytes of all. */
  readonly onBytes?: (done: number, total: number) => void;
}

/** What became of each file. */
export type Obtained = readonly {
  readonly name: string;
  readonly how: "present" | "downloaded" | "imported";
}[];

/**
 * Puts a source's files into a folder; those already there and whole are left alone.
 * @throws FETCH_FAILED, FETCH_HASH, DATA_NOT_FOUND, DISK_FULL, FILE_SYSTEM
 */
export async function obtainSource(source: Source, options: ObtainOptions): Promise<Obtained> {
  const total = source.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const obtained: { name: string; how: "present" | "downloaded" | "imported" }[] = [];
  let before = 0;
  for (const file of source.files) {
    const target = join(options.to, file.name);
    const found = await hashFile(target);
    const present = found !== undefined && file.sha256.includes(found);
    if (!present && options.from !== undefined) await importFile(file, options.from, target);
    else if (!present) {
      await downloadFile({
        ...options,
        url: new URL(file.name, options.home ?? source.home).href,
        target,
        sha256: file.sha256,
        onBytes: (bytes) => options.onBytes?.(before + Math.min(bytes, file.bytes), total),
      });
    }
    obtained.push({
      name: file.name,
      how: present ? "present" : options.from === undefined ? "downloaded" : "imported",
    });
    before += file.bytes;
    options.onBytes?.(before, total);
  }
  return obtained;
}

/**
 * Downloads a file into `target`. What arrives stands in `target.part` until it is whole and its hash is right; a later
 * call goes on from there.
 * @throws FETCH_FAILED where the home does not answer or has no such file
 * @throws FETCH_HASH where what came is another file; it is removed
 * @throws DISK_FULL, FILE_SYSTEM
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { url, target, attempts = 4, retryDelayMs = 1000 } = options;
  await onDisk(mkdir(dirname(target), { recursive: true }), target);
  for (let attempt = 1; ; attempt++) {
    try {
      const resumed = await receive(options);
      if (await acceptPart(target, options.sha256, url, resumed)) return;
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (attempt >= attempts) {
        throw new AppError(
          "FETCH_FAILED",
          `fetch: expected ${url} to arrive, got ${describe(error)} (${attempts} tries); run the command again to go on from where it stopped, or get the file by other means and use --from`,
          { cause: error },
        );
      }
      await sleep(retryDelayMs * 2 ** (attempt - 1));
    }
  }
}

/** One connection's worth of the file; returns whether it went on from an earlier part. */
const receive = async (options: DownloadOptions): Promise<boolean> => {
  const { url, target, silenceMs = 60_000, onBytes } = options;
  const part = `${target}.part`;
  let bytes = (await sizeOf(part)) ?? 0;
  const silence = new AbortController();
  const abort = (): void => silence.abort(new Error(`silence for ${silenceMs / 1000} s`));
  let timer = setTimeout(abort, silenceMs);
  try {
    // Compressed, a file could be neither resumed nor measured.
    const headers = { "accept-encoding": "identity", ...(bytes > 0 ? { range: `bytes=${bytes}-` } : {}) };
    const response = await fetch(url, { headers, signal: silence.signal });
    const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    if (response.status === 416 && bytes > 0) {
      if (range?.[2] === String(bytes)) return true;
      await onDisk(rm(part), part);
      throw new Error("a part of another length");
    }
    const resumed = response.status === 206 && range?.[1] === String(bytes);
    if (response.status !== 200 && !resumed) refuse(response, url);
    if (!resumed) bytes = 0;
    const handle = await onDisk(open(part, resumed ? "a" : "w"), part);
    try {
      for await (const chunk of response.body ?? []) {
        await onDisk(handle.writeFile(chunk), part);
        bytes += chunk.length;
        onBytes?.(bytes);
        clearTimeout(timer);
        timer = setTimeout(abort, silenceMs);
      }
      await onDisk(handle.sync(), part);
    } finally {
      await handle.close();
    }
    return resumed;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
};

/** Says no to an answer that is not the file; one that may be better in a while is tried again. */
const refuse = (response: Response, url: string): never => {
  const status = `HTTP ${response.status} ${response.statusText}`.trim();
  if (response.status >= 500 || [206, 408, 429].includes(response.status)) throw new Error(status);
  throw new AppError(
    "FETCH_FAILED",
    `fetch: expected the file at ${url}, got ${status}; it may have moved: get it by other means and use --from, or name a mirror with --home`,
  );
};

/**
 * Moves a whole part into place. Where its hash is wrong it is removed: `false` if it began in an earlier run (that part
 * may have been of another version; worth one more try from the start), else an error.
 */
const acceptPart = async (
  target: string,
  sha256: readonly string[],
  from: string,
  mayRetry: boolean,
): Promise<boolean> => {
  const part = `${target}.part`;
  const found = await hashFile(part);
  if (found !== undefined && sha256.includes(found)) {
    await onDisk(rename(part, target), target);
    return true;
  }
  await onDisk(rm(part, { force: true }), part);
  if (mayRetry) return false;
  throw new AppError(
    "FETCH_HASH",
    `fetch: expected ${from} to have SHA-256 ${sha256.join(" or ")}, got ${found ?? "nothing"}; it is another version or was changed on the way: nothing was kept, try another home or copy`,
  );
};

const importFile = async (file: SourceFile, from: string, target: string): Promise<void> => {
  const origin = join(from, file.name);
  if ((await sizeOf(origin)) === undefined) {
    throw new AppError(
      "DATA_NOT_FOUND",
      `fetch: expected ${file.name} in ${resolve(from)}, got no such file; name the folder that holds it`,
    );
  }
  await onDisk(mkdir(dirname(target), { recursive: true }), target);
  await onDisk(copyFile(origin, `${target}.part`), target);
  // A copy of a read-only file is read-only too, and could not be replaced everywhere.
  await onDisk(chmod(`${target}.part`, 0o644), target);
  await acceptPart(target, file.sha256, origin, false);
};

/** SHA-256 of a file in hexadecimal, or `undefined` where there is none. */
export async function hashFile(path: string): Promise<string | undefined> {
  if ((await sizeOf(path)) === undefined) return undefined;
  const hash = createHash("sha256");
  const readAll = async (): Promise<void> => {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
  };
  await onDisk(readAll(), path);
  return hash.digest("hex");
}

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw toAppError(error, `fetch: reading ${path}`, "FILE_SYSTEM");
  }
};

const onDisk = async <T>(work: Promise<T>, path: string): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    throw toAppError(error, `fetch: writing ${path}`, "FILE_SYSTEM");
  }
};

/** A network error with its cause, which says more: `fetch failed (connect ECONNREFUSED …)`. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
};
