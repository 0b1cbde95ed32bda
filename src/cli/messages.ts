/** @file Messages out of a file or stdin: JSON Lines, CSV or plain lines; a bad one is an error in its place. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { readCsv } from "./csv.js";
import { type Line, splitLines } from "./lines.js";
import type { Message } from "./message.js";

/** How messages are written down. */
export const inputFormats = ["jsonl", "csv", "txt"] as const;

/** One of the ways. */
export type InputFormat = (typeof inputFormats)[number];

/** Messages of one source, with how far it has been read. */
export interface MessageSource {
  readonly messages: AsyncIterable<Message>;
  /** Bytes of the whole; 0 where unknown, as for stdin. */
  readonly totalBytes: number;
  readBytes(): number;
}

/**
 * Opens a file, or stdin for `-`. Every line (in CSV: every record) gives exactly one message or error.
 * @param format the file's ending decides unless told; stdin is JSON Lines if its first line starts with `{`, else plain lines
 * @param column name of the CSV column or JSON field that holds the text
 * @throws DATA_NOT_FOUND, FILE_SYSTEM where the file cannot be read; USAGE where its ending says nothing
 * @throws DATA_INVALID while reading, where a CSV header lacks the column
 */
export async function openMessages(
  path: string,
  options: { readonly format?: InputFormat | undefined; readonly column: string },
): Promise<MessageSource> {
  const format = options.format ?? guessFormat(path);
  const totalBytes = path === "-" ? 0 : await fileSize(path);
  const stream = path === "-" ? process.stdin : createReadStream(path);
  let read = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        read += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw toAppError(error, `--input ${path}`, "FILE_SYSTEM");
    }
  }
  const lines = splitLines(counted());
  return { messages: readAs(lines, format, options.column), totalBytes, readBytes: () => read };
}

/** Reads lines in a format; `undefined` leaves it to the first line. */
export async function* readAs(
  lines: AsyncIterable<Line>,
  format: InputFormat | undefined,
  column: string,
): AsyncGenerator<Message> {
  if (format === "csv") return yield* readCsv(lines, column);
  let asJson = format === undefined ? undefined : format === "jsonl";
  for await (const line of lines) {
    if ("error" in line) {
      yield line;
      continue;
    }
    asJson ??= line.text.trimStart().startsWith("{");
    yield asJson ? parseJsonLine(line, column) : line;
  }
}

function parseJsonLine({ line, text }: Extract<Line, { text: string }>, field: string): Message {
  const invalid = (got: string, cause?: unknown): Message => ({
    line,
    error: new AppError(
      "DATA_INVALID",
      `line ${line}: expected a JSON object with "${field}", got ${got}; write {"${field}": "…"} on each line`,
      { cause },
    ),
  });
  if (text.trim() === "") return { line, text };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return invalid("no JSON", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return invalid("another JSON value");
  const record = value as Readonly<Record<string, unknown>>;
  const id = typeof record.id === "string" || typeof record.id === "number" ? { id: record.id } : {};
  const rest = { ...id, ...("at" in record ? { at: record.at } : {}), record };
  if (!(field in record)) return { ...invalid(`only ${Object.keys(record).join(", ") || "{}"}`), ...rest };
  return { line, ...rest, text: record[field] };
}

function guessFormat(path: string): InputFormat | undefined {
  if (path === "-") return undefined;
  const ending = extname(path).slice(1).toLowerCase();
  const format = ending === "ndjson" ? "jsonl" : inputFormats.find((name) => name === ending);
  if (format !== undefined) return format;
  throw new AppError(
    "USAGE",
    `--input ${path}: expected a file ending in .jsonl, .csv or .txt; say which it is with --as`,
  );
}

async function fileSize(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) {
      throw new AppError("FILE_SYSTEM", `--input ${path}: expected a file, got a folder; name a file in it`);
    }
    return info.size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new AppError("DATA_NOT_FOUND", `--input ${path}: expected a file, found none; check the path`, {
        cause: error,
      });
    }
    throw toAppError(error, `--input ${path}`, "FILE_SYSTEM");
  }
}
