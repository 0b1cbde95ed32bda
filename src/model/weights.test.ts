import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import type { ParameterSpec } from "./parameter.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { loadWeights, matchWeights, saveWeights } from "./weights.js";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "attune-weights-"));
});
after(() => rm(folder, { recursive: true, force: true }));

function spec(name: string, shape: number[], source: string, transposed = false): ParameterSpec {
  const initial = { kind: "normal" } as const;
  return { name, shape, source: { name: source, transposed }, group: "encoder", decay: true, initial };
}

const specs = [
  spec("tokens", [3, 2], "embeddings.word_embeddings.weight"),
  spec("norm.scale", [2], "embeddings.LayerNorm.weight"),
  spec("norm.shift", [2], "embeddings.LayerNorm.bias"),
  spec("layer0.query", [2, 2], "encoder.layer.0.attention.self.query.weight", true),
  spec("layer0.up", [2, 3], "encoder.layer.0.intermediate.dense.weight", true),
];

/** A published file's tensors for `specs`, each filled 0, 1, 2 …, under `rename`d names. */
function published(rename = (name: string): string => name) {
  return new Map(
    specs.map(({ shape, source }) => {
      const stored = source?.transposed ? shape.toReversed() : shape;
      const data = Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i);
      return [rename(source?.name ?? ""), { shape: stored, data }];
    }),
  );
}

const wanted = new Map([
  ["tokens", Float32Array.of(0, 1, 2, 3, 4, 5)],
  ["norm.scale", Float32Array.of(0, 1)],
  ["norm.shift", Float32Array.of(0, 1)],
  ["layer0.query", Float32Array.of(0, 2, 1, 3)],
  ["layer0.up", Float32Array.of(0, 2, 4, 1, 3, 5)],
]);

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === "WEIGHTS_MISMATCH", String(error));
    return error.message;
  }
  return assert.fail("nothing was refused");
}

describe("matchWeights", () => {
  test("bare names, turned where our layout is [in, out]", () => {
    const { weights, ignored } = matchWeights(published(), specs);
    assert.deepEqual(weights, wanted);
    assert.deepEqual(ignored, []);
  });

  test("any nesting of wrappers", () => {
    const part = fc.constantFrom(
      "module.",
      "model.",
      "bert.",
      "mpnet.",
      "encoder.",
      "auto_model.",
      "0.auto_model.",
      "model_state_dict.",
      "state_dict.",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const tensors = published((name) => parts.join("") + name);
        assert.deepEqual(matchWeights(tensors, specs).weights, wanted);
      }),
    );
  });

  test("the old names of LayerNorm's parameters", () => {
    const old = published((name) =>
      `bert.${name}`
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta"),
    );
    assert.deepEqual(matchWeights(old, specs).weights, wanted);
  });

  test("position ids, poolers and heads of pre-training are ignored and listed", () => {
    const tensors = published((name) => `bert.${name}`);
    const extra = [
      "bert.embeddings.position_ids",
      "bert.pooler.dense.weight",
      "cls.predictions.bias",
      "lm_head.bias",
    ];
    for (const name of extra) tensors.set(name, { shape: [1], data: Float32Array.of(0) });
    assert.deepEqual(matchWeights(tensors, specs).ignored, extra);
  });

  test("all that is missing, unexpected or of another shape is in one message", () => {
    const tensors = published();
    tensors.delete("embeddings.LayerNorm.bias");
    tensors.set("embeddings.word_embeddings.weight", { shape: [2, 3], data: new Float32Array(6) });
    tensors.set("classifier.weight", { shape: [1], data: new Float32Array(1) });
    const message = messageOf(() => matchWeights(tensors, specs, { where: "base/model.safetensors" }));
    assert.match(message, /^base\/model\.safetensors: expected 5 tensors/);
    assert.match(message, /1 missing: embeddings\.LayerNorm\.bias \[2\]/);
    assert.match(message, /1 unexpected: classifier\.weight/);
    assert.match(
      message,
      /1 of another shape: embeddings\.word_embeddings\.weight expected \[3,2\] got \[2,3\]/,
    );
  });

  test("the shape is checked in the file's layout", () => {
    const tensors = published();
    tensors.set("encoder.layer.0.intermediate.dense.weight", { shape: [2, 3], data: new Float32Array(6) });
    const message = messageOf(() => matchWeights(tensors, specs));
    assert.match(message, /intermediate\.dense\.weight expected \[3,2\] got \[2,3\]/);
  });

  test("long lists are cut, with a count", () => {
    const many = Array.from({ length: 25 }, (_, i) => spec(`own${i}`, [1], `deep.${i}.weight`));
    const message = messageOf(() => matchWeights(new Map(), many));
    assert.match(message, /25 missing: deep\.0\.weight \[1\].*deep\.9\.weight \[1\] and 15 more/);
    assert.doesNotMatch(message, /deep\.10\./);
  });

  test("two tensors that claim one name are not chosen between in silence", () => {
    const tensors = published((name) => `module.${name}`);
    tensors.set("embeddings.LayerNorm.bias", { shape: [2], data: Float32Array.of(9, 9) });
    assert.match(
      messageOf(() => matchWeights(tensors, specs)),
      /1 unexpected: embeddings\.LayerNorm\.bias/,
    );
  });

  test("two specs of one name are a fault of ours", () => {
    assert.throws(() => matchWeights(published(), [...specs, ...specs]), { code: "INTERNAL" });
  });
});

describe("weight files", () => {
  test("a folder, a file, and a wrapped file of the published layout", async () => {
    const file = join(folder, "model.safetensors");
    await writeSafetensors(
      file,
      published((name) => `module.${name}`),
      { format: "pt" },
    );
    assert.deepEqual(await loadWeights(folder, specs), wanted);
    assert.deepEqual(await loadWeights(file, specs), wanted);
  });

  test("our own files come back as they were, square matrices not turned", async () => {
    const file = join(folder, "own.safetensors");
    await saveWeights(file, specs, wanted, { step: "7" });
    assert.deepEqual(await loadWeights(file, specs), wanted);
    assert.deepEqual((await readSafetensors(file)).metadata, { step: "7", layout: "attune" });
  });

  test("saving without some weights is refused", async () => {
    const partial = new Map([...wanted].slice(1));
    await assert.rejects(saveWeights(join(folder, "partial"), specs, partial), {
      code: "INTERNAL",
      message: /tokens/,
    });
  });

  test("nothing there, or only other formats, is MODEL_NOT_FOUND", async () => {
    const other = await mkdtemp(join(folder, "other-"));
    await writeFile(join(other, "pytorch_model.bin"), "");
    await assert.rejects(loadWeights(other, specs), { code: "MODEL_NOT_FOUND", message: /convert/ });
    await assert.rejects(loadWeights(join(folder, "no"), specs), { code: "MODEL_NOT_FOUND" });
  });

  const miniLm = join(process.env.ATTUNE_MODELS ?? "", "all-MiniLM-L6-v2");
  const absent = process.env.ATTUNE_MODELS && existsSync(miniLm) ? false : "ATTUNE_MODELS has no MiniLM";
  test("the published MiniLM: a wrong guess is told in full", { skip: absent }, async () => {
    const { tensors } = await readSafetensors(join(miniLm, "model.safetensors"));
    const all = [...tensors].map(([name, { shape }]) => spec(`our.${name}`, [...shape], name));
    const encoder = all.filter(({ name }) => !name.includes("pooler"));
    const loaded = await loadWeights(miniLm, encoder);
    assert.equal(loaded.size, 101);
    assert.deepEqual(
      loaded.get("our.encoder.layer.5.output.dense.weight"),
      tensors.get("encoder.layer.5.output.dense.weight")?.data,
    );
    await assert.rejects(loadWeights(miniLm, encoder.slice(1)), {
      code: "WEIGHTS_MISMATCH",
      message: /1 unexpected: embeddings\.LayerNorm\.bias/,
    });
  });
});
