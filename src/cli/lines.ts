/** @file Lines of a byte stream, numbered, with memory that does not grow whatever the stream holds. */
import { AppError } from "../base/errors.js";

/** A line without its ending, counted from 1; or why it could not be read. */
export type Line =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly error: AppError };

/** Longest line that is read, in bytes: far over the longest message, and small enough to hold. */
export const maxLineBytes = 1 << 20;

const newline = 0x0a;

/**
 * Splits UTF-8 bytes at LF or CRLF; a byte order mark is dropped. A line that is too long or no UTF-8 is an error in
 * its place, and the next one is read as if nothing had been.
 */
export async function* splitLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const take = (rest: Uint8Array): Line => {
    line++;
    const bytes = heldBytes + rest.length;
    const whole =
      bytes > maxLineBytes ? undefined : held.length === 0 ? rest : Buffer.concat([...held, rest]);
    held = [];
    heldBytes = 0;
    if (whole === undefined) return { line, error: tooLong(line, bytes) };
    try {
      const text = decoder.decode(whole);
      return { line, text: text.endsWith("\r") ? text.slice(0, -1) : text };
    } catch (cause) {
      return { line, error: notUtf8(line, cause) };
    }
  };

  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    // What is past the limit is counted, not kept.
    if (heldBytes + rest.length <= maxLineBytes) held.push(rest);
    else held = [];
    heldBytes += rest.length;
  }
  if (heldBytes > 0) yield take(new Uint8Array());
}

function tooLong(line: number, bytes: number): AppError {
  return new AppError(
    "INPUT_TOO_LONG",
    `line ${line}: expected at most ${maxLineBytes} bytes, got ${bytes}; put one message on a line`,
  );
}

function notUtf8(line: number, cause: unknown): AppError {
  return new AppError(
    "INPUT_ENCODING",
    `line ${line}: expected UTF-8, got other bytes; convert the file to UTF-8`,
    {
      cause,
    },
  );
}
