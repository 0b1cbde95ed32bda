import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { makeScratchFolder } from "../../test/scratch-folder.js";
import { CorpusReader, splitByText, textKey } from "./corpus-reader.js";

const readerOf = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<CorpusReader> => {
  const folder = makeScratchFolder("reader");
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return new CorpusReader("test", folder, "do this");
};

describe("CorpusReader", () => {
  test("names the file, the folder and the remedy where a file is missing", async () => {
    const reader = await readerOf({});
    await assert.rejects(reader.text("a.csv"), { code: "DATA_NOT_FOUND", message: /a\.csv in .+; do this$/ });
  });

  test("numbers lines from 1, blank ones and Windows endings counted but not returned", async () => {
    const reader = await readerOf({ "a.txt": "\ufeffone\r\n\r\nthree\n\n" });
    assert.deepEqual(await reader.lines("a.txt"), [
      { line: 1, text: "one" },
      { line: 3, text: "three" },
    ]);
  });

  test("gives each CSV row the line it starts on and reports the rows that are none", async () => {
    const reader = await readerOf({
      "a.csv": 'text,n\n"two\nlines",1\nplain,2\nshort\nlast,3\n"open,4\nlost,5\n',
    });
    const rows = await reader.csv("a.csv", ["text", "n"]);
    assert.deepEqual(
      rows.map(({ line, fields }) => [line, fields.text, fields.n]),
      [
        [2, "two\nlines", "1"],
        [4, "plain", "2"],
        [6, "last", "3"],
      ],
    );
    reader.add({ id: "1", text: "x", split: "train" }, "a.csv", 2);
    const { badRows } = reader.finish();
    assert.deepEqual(
      badRows.map(({ file, line }) => [file, line]),
      [
        ["a.csv", 5],
        ["a.csv", 7],
      ],
    );
    assert.match(badRows[1]?.reason ?? "", /lines 7 to 8/);
  });

  test("refuses a CSV without the columns asked for, naming those there are", async () => {
    const reader = await readerOf({ "a.csv": "text,label\nx,y\n", "b.csv": "" });
    await assert.rejects(reader.csv("a.csv", ["text", "emotion"]), {
      code: "DATA_INVALID",
      message: /columns emotion, got text, label;/,
    });
    await assert.rejects(reader.csv("b.csv", ["text"]), { code: "DATA_INVALID", message: /got none;/ });
  });

  test("reports the row with bytes that are not UTF-8, and no other", async () => {
    const bytes = Buffer.concat([Buffer.from("good\nbad "), Buffer.of(0xe9), Buffer.from("\nalso good\n")]);
    const reader = await readerOf({ "a.txt": bytes, "b.txt": "the writer's own \ufffd\n" });
    for (const file of ["a.txt", "b.txt"]) {
      for (const { line, text } of await reader.lines(file))
        reader.add({ id: file + line, text, split: "train" }, file, line);
    }
    const { examples, badRows } = reader.finish();
    assert.deepEqual(
      examples.map(({ text }) => text),
      ["good", "also good", "the writer's own \ufffd"],
    );
    assert.deepEqual(badRows, [
      { file: "a.txt", line: 2, reason: "expected well-formed UTF-8, got other bytes" },
    ]);
  });

  test("removes from train, and only there, what stands in validation or test", async () => {
    const reader = await readerOf({});
    const rows = [
      ["Hello  there", "train"],
      ["hello there ", "test"],
      ["same", "train"],
      ["SAME", "validation"],
      ["same", "test"],
      ["own", "train"],
      ["own", "train"],
    ] as const;
    for (const [i, [text, split]] of rows.entries()) reader.add({ id: String(i), text, split }, "a", i + 1);
    const { examples, duplicatesRemoved } = reader.finish();
    assert.deepEqual(
      examples.map(({ id }) => id),
      ["1", "3", "4", "5", "6"],
    );
    assert.equal(duplicatesRemoved, 2);
  });

  test("refuses a corpus without a usable row, saying what was wrong first", async () => {
    const reader = await readerOf({});
    assert.throws(() => reader.finish(), { code: "DATA_INVALID", message: /the files are empty/ });
    reader.add({ id: "1", text: " ", split: "train" }, "a.csv", 9);
    assert.throws(() => reader.finish(), {
      code: "DATA_INVALID",
      message: /a\.csv:9: expected text, got only blank/,
    });
  });

  test("the corpus hash follows the files' contents and names, not the order of reading", async () => {
    const hashOf = async (files: Record<string, string>, order: readonly string[]): Promise<string> => {
      const reader = await readerOf(files);
      for (const file of order) await reader.text(file);
      reader.add({ id: "1", text: "x", split: "train" }, "a", 1);
      return reader.finish().sha256;
    };
    const hash = await hashOf({ a: "1", b: "2" }, ["a", "b"]);
    assert.equal(await hashOf({ a: "1", b: "2" }, ["b", "a"]), hash);
    assert.notEqual(await hashOf({ a: "2", b: "1" }, ["a", "b"]), hash);
    assert.match(hash, /^[0-9a-f]{64}$/);
  });
});

describe("splitByText", () => {
  test("is the same for texts that are the same but for case and spaces, and about 8 : 1 : 1", () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let i = 0; i < 4000; i++) counts[splitByText(`text ${i}`)]++;
    assert.ok(
      Math.abs(counts.train - 3200) < 120 && Math.abs(counts.test - 400) < 80,
      JSON.stringify(counts),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(splitByText(` ${text}\n`), splitByText(text));
        assert.equal(textKey(textKey(text)), textKey(text));
      }),
    );
  });
});
