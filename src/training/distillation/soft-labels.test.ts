import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { headNames, headSizes } from "../../base/head.js";
import { Random } from "../../base/random.js";
import type { TeacherLogits } from "./soft-label-format.js";
import { writeSoftLabels } from "./soft-label-writer.js";
import { SoftLabels } from "./soft-labels.js";

const root = mkdtempSync(join(tmpdir(), "attune-soft-"));
after(() => rmSync(root, { recursive: true, force: true }));

const random = Random.seeded(5);
const draw = (): TeacherLogits =>
  Object.fromEntries(
    headNames.map((head) => [
      head,
      Float32Array.from({ length: headSizes[head] }, () => 3 * random.normal()),
    ]),
  ) as unknown as TeacherLogits;
const texts = ["im lost", "finally!", "日本語 🎉", "again"];
const logits = texts.map(draw);
const sha256 = "a".repeat(64);
const teachers = [{ name: "teacher", base: "mpnet", precision: "fp32" as const, share: 1, sha256 }];
const corpus = (name: string, from: number, to: number) => ({
  corpus: name,
  corpusSha256: sha256,
  texts: texts.slice(from, to),
  logits: logits.slice(from, to),
});

async function write(name: string): Promise<string> {
  const folder = join(root, name);
  await writeSoftLabels(folder, [corpus("one", 0, 3), corpus("two", 3, 4)], teachers);
  return folder;
}

const vectors = texts.map(() =>
  Float32Array.from({ length: 5 }, (_, k) => (k === 4 ? 0.25 : random.normal())),
);

describe("soft labels", () => {
  test("come back within half a step, softmax heads with their largest logit at 0", async () => {
    const labels = await SoftLabels.read(await write("round"));
    assert.equal(labels.size, 4);
    assert.deepEqual(labels.manifest.teachers, teachers);
    texts.forEach((text, row) => {
      const found = labels.find(text);
      for (const head of headNames) {
        const own = (logits[row] as TeacherLogits)[head];
        const shift = head === "emotion" || head === "support" ? Math.max(...own) : 0;
        const { step } = labels.manifest.heads[head];
        assert.ok(step > 0 && step < 0.2, `${head}: ${step}`);
        own.forEach((value, i) => {
          const wanted = Math.max(value - shift, -16);
          const got = found?.[head][i] as number;
          assert.ok(Math.abs(got - wanted) <= step / 2 + 1e-6, `${head}[${i}]: ${got} is not ${wanted}`);
        });
      }
    });
  });

  test("give vectors back within half a step, a scale a number, where there are any", async () => {
    const folder = join(root, "vectors");
    const withVectors = (name: string, from: number, to: number) => ({
      ...corpus(name, from, to),
      vectors: vectors.slice(from, to),
    });
    await writeSoftLabels(folder, [withVectors("one", 0, 3), withVectors("two", 3, 4)], teachers);
    const labels = await SoftLabels.read(folder);
    assert.ok(labels.hasVectors);
    const plain = await SoftLabels.read(await write("plain"));
    assert.ok(!plain.hasVectors);
    texts.forEach((text, row) => {
      const found = labels.findVector(text);
      assert.equal(found?.length, 5);
      labels.manifest.vector?.forEach(({ step }, k) => {
        assert.ok(k === 4 ? step === 0 : step > 0 && step < 0.05, `${step}`);
        const wanted = vectors[row]?.[k] as number;
        assert.ok(Math.abs((found?.[k] as number) - wanted) <= step / 2 + 1e-6, `${text}[${k}]`);
      });
      assert.deepEqual(labels.find(text), plain.find(text));
      assert.equal(plain.findVector(text), undefined);
    });
    assert.equal(labels.findVector("never asked"), undefined);
  });

  test("want a vector for every text or none", async () => {
    const some = { ...corpus("two", 3, 4), vectors: [] };
    await assert.rejects(
      writeSoftLabels(
        join(root, "some"),
        [{ ...corpus("one", 0, 3), vectors: vectors.slice(0, 3) }, some],
        teachers,
      ),
      { code: "DATA_INVALID", message: /finite vectors for text 0 of two/ },
    );
  });

  test("of the first version, without a word on vectors, are read", async () => {
    const folder = await write("first");
    const path = join(folder, "manifest.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"formatVersion": 2', '"formatVersion": 1'));
    assert.equal((await SoftLabels.read(folder)).manifest.formatVersion, 1);
  });

  test("know only the texts that were asked about, to the letter", async () => {
    const labels = await SoftLabels.read(await write("letter"));
    assert.equal(labels.find("im lost "), undefined);
    assert.equal(labels.find("Finally!"), undefined);
  });

  test("a teacher's logit that is not finite is refused with its place", async () => {
    const bad = { ...draw(), pad: new Float32Array([0, Number.NaN, 0]) };
    const one = { corpus: "one", corpusSha256: sha256, texts: ["x"], logits: [bad] };
    await assert.rejects(writeSoftLabels(join(root, "nan"), [one], teachers), {
      code: "DATA_INVALID",
      message: /finite logits of pad for text 0 of one, got NaN/,
    });
  });

  test("a folder that is not there, a changed byte and a foreign manifest are told apart", async () => {
    await assert.rejects(SoftLabels.read(join(root, "none")), {
      code: "DATA_NOT_FOUND",
      message: /attune label/,
    });
    const folder = await write("changed");
    const file = join(folder, "one.bin.gz");
    const bytes = readFileSync(file);
    bytes[20] = (bytes[20] as number) ^ 1;
    writeFileSync(file, bytes);
    await assert.rejects(SoftLabels.read(folder), { code: "DATA_INVALID", message: /one\.bin\.gz/ });
    writeFileSync(join(folder, "manifest.json"), "{}");
    await assert.rejects(SoftLabels.read(folder), { code: "DATA_INVALID", message: /manifest/ });
    writeFileSync(join(folder, "manifest.json"), "{");
    await assert.rejects(SoftLabels.read(folder), { code: "DATA_INVALID", message: /JSON/ });
  });
});
