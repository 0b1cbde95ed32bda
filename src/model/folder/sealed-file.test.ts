import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeFile, type FileRecord, filesSchema, partBytes } from "./sealed-file.js";

const sha256 = "a".repeat(64);
const of = (bytes: number): { sha256: string; bytes: number } => ({ sha256, bytes });

function refusalsOf(files: object): string[] {
  const { error } = filesSchema.safeParse(files);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join("/")}: ${message}`);
}

describe("what a manifest says of its files", () => {
  test("is taken as it is, with parts and without", () => {
    const files = { whole: of(0), cut: { ...of(25), parts: [of(10), of(10), of(5)] } };
    assert.deepEqual(filesSchema.parse(files), files);
    const even = { cut: { ...of(20), parts: [of(10), of(10)] } };
    assert.deepEqual(filesSchema.parse(even), even);
  });

  test("is refused where parts are not those of the whole", () => {
    const uneven = /^cut\/parts: expected parts of one size, the last no larger, of 25 bytes together$/;
    for (const sizes of [
      [10, 10, 4],
      [10, 10, 6],
      [10, 9, 6],
      [12, 13],
      [10, 10],
    ]) {
      const [refusal, ...others] = refusalsOf({ cut: { ...of(25), parts: sizes.map(of) } });
      assert.match(refusal ?? "", uneven, String(sizes));
      assert.deepEqual(others, []);
    }
    assert.deepEqual(refusalsOf({ cut: { ...of(25), parts: [of(25)] } }), [
      "cut/parts: expected 2 parts or more",
    ]);
    assert.match(
      refusalsOf({ cut: { ...of(10), parts: [of(10), of(0)] } })[0] ?? "",
      /^cut\/parts\/1\/bytes/,
    );
    assert.match(refusalsOf({ cut: { ...of(25), parts: 3 } })[0] ?? "", /^cut\/parts/);
    assert.match(
      refusalsOf({ cut: { ...of(2), parts: [of(1), { ...of(1), name: "x" }] } })[0] ?? "",
      /^cut\/parts\/1/,
    );
  });

  test("is refused where a part has the name of another file", () => {
    const parts = [of(10), of(5)];
    const message = "cut/parts: expected no other file by the name of a part, cut.2";
    assert.deepEqual(refusalsOf({ cut: { ...of(15), parts }, "cut.2": of(1) }), [message]);
    assert.deepEqual(refusalsOf({ "cut.2": { ...of(15), parts }, cut: { ...of(15), parts } }), [message]);
    assert.deepEqual(refusalsOf({ cut: { ...of(15), parts }, "cut.3": of(1) }), []);
  });

  test("is refused where a file lies elsewhere or is the manifest", () => {
    for (const name of ["../x", "a/b", "", ".hidden", "model.json"]) {
      assert.deepEqual(refusalsOf({ [name]: of(1) }), [`${name}: expected a plain file name`]);
    }
  });

  test("holds at the limit that is set: whole up to it, in two parts one byte over", () => {
    const bytes = Buffer.alloc(partBytes + 1);
    const whole: FileRecord = describeFile(bytes.subarray(0, partBytes));
    assert.deepEqual([whole.bytes, whole.parts], [partBytes, undefined]);
    const cut = describeFile(bytes);
    assert.deepEqual(
      cut.parts?.map((part) => part.bytes),
      [partBytes, 1],
    );
    assert.equal(cut.parts?.[0]?.sha256, whole.sha256);
  });
});
