import assert from "node:assert/strict";
import {
  appendFile,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { filesSchema } from "./sealed-file.js";
import { type FolderFormat, readSealedFolder, writeSealedFolder } from "./sealed-folder.js";

const schema = z.strictObject({ files: filesSchema });
type Manifest = z.output<typeof schema>;
const names = ["model.onnx", "README.md"] as const;

const formatOf = (partBytes?: number): FolderFormat<Manifest, (typeof names)[number]> => ({
  files: names,
  makeOne: "make one",
  parse: (json) => schema.parse(json),
  ...(partBytes === undefined ? {} : { partBytes }),
});

const card = Buffer.from("# 9 bytes");
const countUp = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, i) => i % 251));

let root = "";
let folder = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "attune-sealed-"));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(await mkdtemp(join(root, "t-")), "model");
});

const write = (size: number, partBytes?: number): Promise<Manifest> =>
  writeSealedFolder(folder, {}, { "model.onnx": countUp(size), "README.md": card }, formatOf(partBytes));
const read = () => readSealedFolder(folder, formatOf());
const list = async (): Promise<string[]> => (await readdir(folder)).sort();

describe("a sealed folder whose model is larger than one file may be", () => {
  const sizes: [what: string, size: number, parts: readonly number[]][] = [
    ["of a part's size lies whole", 10, []],
    ["one byte over lies in two parts", 11, [10, 1]],
    ["of three times the size lies in three even parts", 30, [10, 10, 10]],
    ["of some size lies in even parts and a rest", 25, [10, 10, 5]],
  ];
  for (const [what, size, parts] of sizes) {
    test(`a model ${what}, and is read back as one`, async () => {
      const manifest = await write(size, 10);
      const stored = parts.length === 0 ? ["model.onnx"] : parts.map((_, i) => `model.onnx.${i + 1}`);
      assert.deepEqual(await list(), ["README.md", "model.json", ...stored]);
      const pieces = await Promise.all(stored.map((name) => readFile(join(folder, name))));
      assert.deepEqual(Buffer.concat(pieces), countUp(size));
      if (parts.length > 0)
        assert.deepEqual(
          pieces.map(({ length }) => length),
          parts,
        );
      const record = manifest.files["model.onnx"];
      assert.equal(record?.bytes, size);
      assert.deepEqual(record?.parts?.map(({ bytes }) => bytes) ?? [], parts);
      assert.equal("parts" in (record ?? {}), parts.length > 0);
      const back = await read();
      assert.deepEqual(back.contentOf("model.onnx"), countUp(size));
      assert.deepEqual(back.contentOf("README.md"), card);
      assert.deepEqual(back.manifest, manifest);
    });
  }

  test("the whole's record is the same whether it lies whole or in parts", async () => {
    const { parts: _, ...inParts } = (await write(25, 10)).files["model.onnx"] ?? {};
    assert.deepEqual((await write(25)).files["model.onnx"], inParts);
  });

  test("whatever the sizes: even parts, a smaller rest, the same bytes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 64 }),
        fc.integer({ min: 9, max: 24 }),
        async (size, limit) => {
          await write(size, limit);
          const stored = (await list()).filter((name) => name.startsWith("model.onnx"));
          assert.equal(stored.length, Math.max(1, Math.ceil(size / limit)));
          const lengths = await Promise.all(
            stored.map(async (name) => (await readFile(join(folder, name))).length),
          );
          assert.ok(
            lengths.every((length, i) => (i === lengths.length - 1 ? length <= limit : length === limit)),
          );
          assert.deepEqual((await read()).contentOf("model.onnx"), countUp(size));
        },
      ),
      { numRuns: 30 },
    );
  });

  const path = (name: string): string => join(folder, name);
  const tamperings: [what: string, code: string, act: () => Promise<unknown>, message: RegExp][] = [
    [
      "a missing part",
      "MODEL_NOT_FOUND",
      () => rm(path("model.onnx.2")),
      /got no model\.onnx\.2; .*make one/,
    ],
    [
      "all parts missing, though the joined file is there",
      "MODEL_NOT_FOUND",
      async () => {
        await writeFile(path("model.onnx"), countUp(25));
        for (const i of [1, 2, 3]) await rm(path(`model.onnx.${i}`));
      },
      /got no model\.onnx\.1, model\.onnx\.2, model\.onnx\.3;/,
    ],
    [
      "parts and no manifest",
      "MODEL_NOT_FOUND",
      async () => {
        await rm(path("model.json"));
        await rm(path("README.md"));
      },
      /got no model\.json, README\.md;/,
    ],
    [
      "a part cut short",
      "MODEL_FILE",
      () => truncate(path("model.onnx.2"), 7),
      /model\.onnx\.2: expected 10 bytes, got 7: the file is cut short/,
    ],
    [
      "the last part cut short",
      "MODEL_FILE",
      () => truncate(path("model.onnx.3"), 0),
      /model\.onnx\.3: expected 5 bytes, got 0/,
    ],
    [
      "a byte that went from one part to the next",
      "MODEL_FILE",
      async () => {
        await writeFile(path("model.onnx.1"), countUp(25).subarray(0, 9));
        await writeFile(path("model.onnx.2"), countUp(25).subarray(9, 20));
      },
      /model\.onnx\.1: expected 10 bytes, got 9/,
    ],
    [
      "a part with a byte changed",
      "MODEL_HASH",
      () => writeFile(path("model.onnx.2"), countUp(20).subarray(10).fill(0, 3, 4)),
      /model\.onnx\.2: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/,
    ],
    ["a longer part", "MODEL_HASH", () => appendFile(path("model.onnx.3"), "x"), /model\.onnx\.3/],
    [
      "two parts exchanged",
      "MODEL_HASH",
      async () => {
        await rename(path("model.onnx.1"), path("x"));
        await rename(path("model.onnx.2"), path("model.onnx.1"));
        await rename(path("x"), path("model.onnx.2"));
      },
      /model\.onnx\.1/,
    ],
    [
      "parts as recorded, of another whole",
      "MODEL_HASH",
      async () => {
        const json = JSON.parse(await readFile(path("model.json"), "utf8"));
        json.files["model.onnx"].sha256 = "0".repeat(64);
        await writeFile(path("model.json"), JSON.stringify(json));
      },
      /model\.onnx: expected SHA-256 0{64}/,
    ],
  ];
  for (const [what, code, act, message] of tamperings) {
    test(`refuses ${what}`, async () => {
      await write(25, 10);
      await act();
      await assert.rejects(read(), { code, message });
    });
  }

  test("a part more than recorded is another file: not read, and gone with the next export", async () => {
    await write(25, 10);
    await writeFile(path("model.onnx.4"), "not the model's");
    assert.deepEqual((await read()).contentOf("model.onnx"), countUp(25));
    await write(35, 10);
    assert.deepEqual((await read()).contentOf("model.onnx"), countUp(35));
    await writeFile(path("model.onnx.5"), "not the model's");
    await write(35, 10);
    assert.ok(!(await list()).includes("model.onnx.5"));
  });

  test("a smaller model over parts, and parts over a smaller one, leave nothing of the one before", async () => {
    const whole = ["README.md", "model.json", "model.onnx"];
    const notes = ["model.onnx.01", "model.onnx.bak", "model.onnx.notes.1", "my-model.onnx.1"];
    await write(35, 10);
    for (const name of notes) await writeFile(path(name), name);
    await write(10, 10);
    assert.deepEqual(await list(), [...whole, ...notes].sort());
    await write(15, 10);
    const inTwo = ["README.md", "model.json", "model.onnx.1", "model.onnx.2"];
    assert.deepEqual(await list(), [...inTwo, ...notes].sort());
    for (const name of notes) assert.equal(await readFile(path(name), "utf8"), name);
    assert.deepEqual((await read()).contentOf("model.onnx"), countUp(15));
    assert.deepEqual(await readdir(join(folder, "..")), ["model"]);
  });

  test("a copy is as good as the folder", async () => {
    await write(25, 10);
    await cp(folder, `${folder}-copy`, { recursive: true });
    const copy = await readSealedFolder(`${folder}-copy`, formatOf());
    assert.deepEqual(copy.contentOf("model.onnx"), countUp(25));
  });
});
