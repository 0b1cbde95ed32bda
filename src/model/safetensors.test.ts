import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../base/errors.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "attune-safetensors-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A file with any header at all, as text or as an object, and `data` after it. */
async function put(header: unknown, data: Uint8Array, headerLength?: bigint): Promise<string> {
  const plain = typeof header === "string" || header instanceof Uint8Array;
  const json = Buffer.from(plain ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(json.length));
  const path = join(folder, "made.safetensors");
  await writeFile(path, Buffer.concat([length, json, data]));
  return path;
}

function refused(code: ErrorCode, ...parts: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    for (const part of parts) assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    return true;
  };
}

const arbitraryTensor = fc.array(fc.nat(5), { maxLength: 4 }).chain((shape) =>
  fc
    .float32Array({
      minLength: shape.reduce((n, d) => n * d, 1),
      maxLength: shape.reduce((n, d) => n * d, 1),
      noNaN: true,
      noDefaultInfinity: true,
    })
    .map((data) => ({ shape, data })),
);

describe("safetensors", () => {
  test("what is written is read back: names, shapes, every bit, metadata", async () => {
    const path = join(folder, "round.safetensors");
    const name = fc.string({ unit: "grapheme", maxLength: 12 }).filter((n) => n !== "__metadata__");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, arbitraryTensor), { selector: ([n]) => n, maxLength: 6 }),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
        async (entries, metadata) => {
          await writeSafetensors(path, new Map(entries), metadata);
          const file = await readSafetensors(path);
          assert.deepEqual(file.metadata, metadata);
          assert.equal(file.tensors.size, entries.length);
          for (const [key, { shape, data }] of entries) {
            const tensor = file.tensors.get(key);
            assert.deepEqual(tensor?.shape, shape);
            assert.deepEqual(tensor?.data, data); // deepEqual tells -0 from 0
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("F16 and BF16 are widened; integers are listed and not read", async () => {
    const data = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x3f80, 0xc000, 7, 0, 0, 0).buffer);
    const path = await put(
      {
        half: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
        brain: { dtype: "BF16", shape: [1, 2], data_offsets: [4, 8] },
        "embeddings.position_ids": { dtype: "I64", shape: [1, 1], data_offsets: [8, 16] },
      },
      data,
    );
    const { tensors, skipped, metadata } = await readSafetensors(path);
    assert.deepEqual(tensors.get("half"), { dtype: "F16", shape: [2], data: Float32Array.of(1, -2) });
    assert.deepEqual(tensors.get("brain"), { dtype: "BF16", shape: [1, 2], data: Float32Array.of(1, -2) });
    assert.deepEqual([...skipped], [["embeddings.position_ids", { dtype: "I64", shape: [1, 1] }]]);
    assert.deepEqual(metadata, {});
  });

  test("a file cut at any byte is refused", async () => {
    const path = join(folder, "whole.safetensors");
    await writeSafetensors(path, new Map([["w", { shape: [3], data: Float32Array.of(1, 2, 3) }]]));
    const whole = await readFile(path);
    const cut = join(folder, "cut.safetensors");
    for (let length = 0; length < whole.length; length++) {
      await writeFile(cut, whole.subarray(0, length));
      await assert.rejects(readSafetensors(cut), refused("MODEL_FILE", cut));
    }
    await writeFile(cut, Buffer.concat([whole, Buffer.of(0)]));
    await assert.rejects(readSafetensors(cut), refused("MODEL_FILE", "expected 12 bytes of data, got 13"));
  });

  test("damaged bytes never yield anything but a named error or a well-formed answer", async () => {
    const path = join(folder, "fuzz.safetensors");
    await writeSafetensors(path, new Map([["w", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]));
    const whole = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ flip;
        await writeFile(path, bytes);
        try {
          for (const { shape, data } of (await readSafetensors(path)).tensors.values()) {
            assert.equal(
              shape.reduce((n, d) => n * d, 1),
              data.length,
            );
          }
        } catch (error) {
          refused("MODEL_FILE", path)(error);
        }
      }),
      { numRuns: 200 },
    );
  });

  const four = new Uint8Array(4);
  const cases: [string, unknown, Uint8Array, string[]][] = [
    ["a header that is not JSON", "{nonsense", four, ["valid JSON"]],
    ["a header that is not an object", "[]", four, ["a JSON object"]],
    [
      "a header that is not UTF-8",
      Buffer.of(0x7b, 0xff, 0x7d),
      four,
      ["valid JSON", "not valid for encoding"],
    ],
    ["metadata that is not strings", { __metadata__: { a: 1 } }, new Uint8Array(0), ["__metadata__"]],
    ["an entry without a shape", { w: { dtype: "F32", data_offsets: [0, 4] } }, four, ["tensor w", "shape"]],
    [
      "a negative size",
      { w: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } },
      four,
      ["tensor w", "shape"],
    ],
    ["an unknown type", { w: { dtype: "F64", shape: [], data_offsets: [0, 4] } }, four, ["tensor w", "F64"]],
    [
      "a type named like an object's property",
      { w: { dtype: "constructor", shape: [1], data_offsets: [0, 4] } },
      four,
      ["constructor"],
    ],
    [
      "a shape that does not fit its bytes",
      { w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } },
      four,
      ["w F32 [2] in 8 bytes", "got 4"],
    ],
    [
      "offsets past the end",
      { w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } },
      four,
      ["8 bytes of data for tensor w", "got 4"],
    ],
    ["offsets turned round", { w: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, four, ["got -4"]],
    [
      "overlapping tensors",
      {
        a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
        b: { dtype: "F32", shape: [1], data_offsets: [2, 6] },
      },
      new Uint8Array(6),
      ["tensor b to begin at byte 4", "got 2"],
    ],
    [
      "a hole between tensors",
      {
        a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
        b: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
      },
      new Uint8Array(12),
      ["tensor b to begin at byte 4", "got 8"],
    ],
    [
      "a shape whose product is beyond any file",
      { w: { dtype: "F32", shape: [2 ** 52, 2 ** 52], data_offsets: [0, 4] } },
      four,
      ["tensor w"],
    ],
    [
      "a NaN weight",
      { w: { dtype: "F16", shape: [2], data_offsets: [0, 4] } },
      Buffer.from(Uint16Array.of(0x3c00, 0x7e00).buffer),
      ["finite weights in w", "NaN at 1"],
    ],
    [
      "an infinite weight",
      { w: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } },
      Buffer.from(Uint16Array.of(0xff80, 0).buffer),
      ["finite weights in w", "-Infinity at 0"],
    ],
  ];
  for (const [what, header, data, parts] of cases) {
    test(`refuses ${what}`, async () => {
      const path = await put(header, data);
      await assert.rejects(readSafetensors(path), refused("MODEL_FILE", path, ...parts));
    });
  }

  test("refuses a header longer than the file, and than any file", async () => {
    for (const length of [100n, 2n ** 63n]) {
      const path = await put({}, four, length);
      await assert.rejects(readSafetensors(path), refused("MODEL_FILE", `one of ${length} bytes`));
    }
  });

  test("a file that is not there is MODEL_NOT_FOUND, a folder is FILE_SYSTEM", async () => {
    await assert.rejects(readSafetensors(join(folder, "none")), refused("MODEL_NOT_FOUND", "fetch"));
    await assert.rejects(readSafetensors(folder), refused("FILE_SYSTEM", folder));
  });

  test("refuses to write what could not be read, and leaves the file before and no temporary one", async () => {
    const own = await mkdtemp(join(folder, "write-"));
    const path = join(own, "w.safetensors");
    await writeSafetensors(path, new Map([["w", { shape: [1], data: Float32Array.of(5) }]]));
    const bad: [string, { shape: number[]; data: Float32Array }, string][] = [
      ["w", { shape: [2], data: Float32Array.of(1) }, "w to hold [2]"],
      ["w", { shape: [1], data: Float32Array.of(Number.NaN) }, "finite weights in w"],
      ["__metadata__", { shape: [1], data: Float32Array.of(1) }, "__metadata__"],
    ];
    for (const [name, tensor, part] of bad) {
      await assert.rejects(
        writeSafetensors(path, new Map([[name, tensor]])),
        refused("MODEL_FILE", path, part),
      );
    }
    assert.deepEqual((await readSafetensors(path)).tensors.get("w")?.data, Float32Array.of(5));
    assert.deepEqual(await readdir(own), ["w.safetensors"]);
  });

  test("a failing write removes its temporary file", async () => {
    const own = await mkdtemp(join(folder, "fail-"));
    await writeFile(join(own, "file"), "");
    await assert.rejects(
      writeSafetensors(join(own, "file", "w.safetensors"), new Map()),
      (error) => error instanceof AppError && error.code === "FILE_SYSTEM",
    );
    assert.deepEqual(await readdir(own), ["file"]);
  });
});
