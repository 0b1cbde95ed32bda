import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { maxLineBytes, splitLines } from "./lines.js";
import type { Message } from "./message.js";
import { type InputFormat, openMessages, readAs } from "./messages.js";

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Messages of a source as `[line, text or error code, id?]`. */
async function read(source: string | Uint8Array, format?: InputFormat, chunkSize = 7, column = "text") {
  const bytes = typeof source === "string" ? Buffer.from(source) : source;
  const messages: Message[] = await collect(readAs(splitLines(chunks(bytes, chunkSize)), format, column));
  return messages.map((message) => {
    const what = "error" in message ? message.error.code : message.text;
    return message.id === undefined ? [message.line, what] : [message.line, what, message.id];
  });
}

describe("lines", () => {
  test("are the same whatever the chunks, and join to what was split", async () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\ufeff]/g, ""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (texts, size) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\r\n`).join(""));
          assert.deepEqual(
            await read(bytes, "txt", size),
            texts.map((text, i) => [i + 1, text]),
          );
        },
      ),
    );
  });

  test("one that is no UTF-8 or far too long is an error in its place; a byte order mark is dropped", async () => {
    const source = Buffer.concat([
      Buffer.from("\ufefffirst\n"),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.alloc(maxLineBytes + 1, "x"),
      Buffer.from("\nlast"),
    ]);
    assert.deepEqual(await read(source, "txt", 1 << 16), [
      [1, "first"],
      [2, "INPUT_ENCODING"],
      [3, "INPUT_TOO_LONG"],
      [4, "last"],
    ]);
  });
});

describe("JSON Lines", () => {
  test("text and id are taken, and each bad line is an error in its place", async () => {
    const source = [
      '{"text":"a","id":7}',
      "{oops",
      "[1]",
      '{"id":"x","message":"no text"}',
      '{"text":null}',
      "",
      '{"text":"b"}',
    ];
    const want = [
      [1, "a", 7],
      [2, "DATA_INVALID"],
      [3, "DATA_INVALID"],
      [4, "DATA_INVALID", "x"],
      [5, null],
      [6, ""],
      [7, "b"],
    ];
    assert.deepEqual(await read(source.join("\n"), "jsonl"), want);
    assert.deepEqual(await read(source.join("\n")), want, "told by the first line");
    assert.deepEqual(await read("plain\n{not json}"), [
      [1, "plain"],
      [2, "{not json}"],
    ]);
  });
});

describe("CSV", () => {
  test("records over several lines, quotes, other delimiters, an id column", async () => {
    const source = 'id,text\n1,"a ""b""\nc"\n2,5" pipe\n\n3,"x,y"\r\n4';
    assert.deepEqual(await read(source, "csv"), [
      [2, 'a "b"\nc', "1"],
      [4, '5" pipe', "2"],
      [5, "DATA_INVALID", ""],
      [6, "x,y", "3"],
      [7, "DATA_INVALID", "4"],
    ]);
    assert.deepEqual(await read('said;when\n"a;b";1\n', "csv", 3, "said"), [[2, "a;b"]]);
  });

  test("a quote never closed costs its own line, not the rest", async () => {
    assert.deepEqual(await read('text\n"open\nfine\n"two\nlines"\nfine too', "csv"), [
      [2, "DATA_INVALID"],
      [3, "fine"],
      [4, "two\nlines"],
      [6, "fine too"],
    ]);
    assert.deepEqual(await read('text\nfine\n"open\nafter', "csv"), [
      [2, "fine"],
      [3, "DATA_INVALID"],
      [4, "after"],
    ]);
    const long = await read(`text\n"open\n${`${"word".repeat(50)}\n`.repeat(1500)}`, "csv", 1 << 16);
    assert.deepEqual(long.slice(0, 2), [
      [2, "DATA_INVALID"],
      [3, "word".repeat(50)],
    ]);
    assert.equal(long.length, 1501);
  });

  test("cells come back as they were written", async () => {
    const cell = fc.string().map((text) => text.replace(/\r/g, ""));
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (rows) => {
        const source = ["id,text", ...rows.map((row) => row.map(quote).join(","))].join("\n");
        const got = await read(source, "csv", 5);
        assert.deepEqual(
          got.map(([, text, id]) => [id, text]),
          rows,
        );
      }),
    );
  });

  test("a header without the column is refused", async () => {
    await assert.rejects(read("id,message\n1,a", "csv"), (error) => {
      return (
        error instanceof AppError &&
        error.code === "DATA_INVALID" &&
        /got id, message; .*--column/.test(error.message)
      );
    });
  });
});

test("a source that is not there, or whose kind cannot be told, is named", async () => {
  const options = { column: "text" };
  await assert.rejects(openMessages("/no/such.txt", options), { code: "DATA_NOT_FOUND" });
  await assert.rejects(openMessages("/etc/passwd", options), { code: "USAGE" });
  await assert.rejects(openMessages("/", { ...options, format: "txt" }), { code: "FILE_SYSTEM" });
});
