import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseJson, readBytes, readPieces, writeAll, writeAtomically } from "./file.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "attune-file-"));
});
after(() => rm(folder, { recursive: true, force: true }));

describe("model files", () => {
  test("a disk that fills half-way leaves the file before and no rest", async () => {
    const path = join(folder, "made", "here", "a.bin");
    await writeAtomically(path, (handle) => writeAll(handle, Buffer.from("before")));
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const interrupted = writeAtomically(path, async (handle) => {
      await writeAll(handle, Buffer.from("half of it"));
      throw full;
    });
    await assert.rejects(interrupted, { code: "DISK_FULL", cause: full });
    assert.equal(await readFile(path, "utf8"), "before");
    assert.deepEqual(await readdir(join(folder, "made", "here")), ["a.bin"]);
  });

  test("pieces lie one behind the other in one buffer, an empty one and none too", async () => {
    const paths = ["1", "2", "3"].map((name) => join(folder, `piece.${name}`));
    for (const [i, text] of ["abc", "", "de"].entries()) await writeFile(paths[i] as string, text);
    const { whole, pieces } = await readPieces(paths, "fetch it");
    assert.equal(whole.toString(), "abcde");
    assert.deepEqual(pieces.map(String), ["abc", "", "de"]);
    assert.ok(pieces.every(({ buffer }) => buffer === whole.buffer));
    assert.equal((await readPieces([], "fetch it")).whole.length, 0);
    const missing = join(folder, "piece.4");
    await assert.rejects(readPieces([...paths, missing], "fetch it"), {
      code: "MODEL_NOT_FOUND",
      message: `${missing}: expected a file, found none; fetch it`,
    });
    await assert.rejects(readPieces([paths[0] as string, folder, paths[2] as string], "fetch it"), {
      code: "FILE_SYSTEM",
      message: new RegExp(`reading ${folder}`),
    });
  });

  test("a missing file, an empty one and broken JSON say so, with the remedy", async () => {
    const path = join(folder, "none.json");
    await assert.rejects(readBytes(path, "fetch it"), {
      code: "MODEL_NOT_FOUND",
      message: `${path}: expected a file, found none; fetch it`,
    });
    await assert.rejects(readBytes(folder, "fetch it"), { code: "FILE_SYSTEM" });
    assert.throws(() => parseJson(Buffer.alloc(0), path, "fetch it"), {
      code: "MODEL_FILE",
      message: `${path}: expected valid JSON, got an empty file; fetch it`,
    });
    assert.throws(() => parseJson(Buffer.from('{"a": 1'), path, "fetch it"), { code: "MODEL_FILE" });
    assert.throws(() => parseJson(Buffer.of(0x22, 0xff, 0x22), path, "fetch it"), { code: "MODEL_FILE" });
    assert.deepEqual(parseJson(Buffer.from('{"a": 1}'), path, "fetch it"), { a: 1 });
  });
});
