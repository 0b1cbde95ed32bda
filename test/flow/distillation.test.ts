/** A tiny teacher's answers are written down, and a student learns from them alone; a run goes on from another's weights. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encodeInference } from "../../src/model/inference.js";
import { Session } from "../../src/runtime/session.js";
import { labelTexts } from "../../src/training/distillation/label.js";
import { normalizeVector } from "../../src/training/distillation/projection.js";
import type { TeacherLogits } from "../../src/training/distillation/soft-label-format.js";
import { writeSoftLabels } from "../../src/training/distillation/soft-label-writer.js";
import { SoftLabels } from "../../src/training/distillation/soft-labels.js";
import { loadTeacher, teachRun } from "../../src/training/distillation/teacher.js";
import { type EventOf, readEvents } from "../../src/training/record/event-log.js";
import { tokenizeTexts } from "../../src/training/text/dataset.js";
import { exportRun } from "../../src/training/text/export.js";
import { forwardRows } from "../../src/training/text/forward.js";
import { runExperiment } from "../../src/training/text/run.js";
import { loadRun, type TrainedRun } from "../../src/training/text/trained-run.js";
import { tinyExperiment, writeCorpus } from "./tiny-run.js";

const folder = mkdtempSync(join(tmpdir(), "attune-distillation-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const corpus = writeCorpus(folder);
const labels = join(folder, "soft");
const quiet = { resume: false, emit: () => undefined, stopped: () => false };
let teacher: TrainedRun;

/** Two folders hold the same answer for a text, as far as the steps of a byte go. */
function assertAlike(one: SoftLabels, other: SoftLabels, text: string, tolerance: number): void {
  const [first, second] = [one.find(text)?.pad ?? [], other.find(text)?.pad ?? []];
  assert.equal(first.length, 3);
  first.forEach((value, i) => {
    assert.ok(Math.abs(value - (second[i] as number)) < tolerance, `${text}: ${first} and ${second}`);
  });
}

/** Root mean square of how far a run's cosines between texts are from the teacher's. */
async function measureUnlikeness({ base, weights, dataset }: TrainedRun, soft: SoftLabels): Promise<number> {
  const texts = dataset.train.slice(0, 60).map(({ text }) => text);
  const { bytes } = encodeInference(base.config, base.parameters, weights, "fp32");
  const session = await Session.open(bytes, { threads: 1 });
  const own: Float32Array[] = [];
  const ids = tokenizeTexts(texts, base.tokenizer, 16);
  for await (const answers of forwardRows(session, {}, ids, base.tokenizer.padId, ["pooled"])) {
    answers.places.forEach((place, row) => {
      own[place] = normalizeVector(answers.read("pooled", row));
    });
  }
  await session.close();
  const product = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
  const theirs = texts.map((text) => soft.findVector(text) as Float32Array);
  let sum = 0;
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      const [mine, wanted] = [own, theirs].map((all) =>
        product(all[i] as Float32Array, all[j] as Float32Array),
      );
      sum += ((mine as number) - (wanted as number)) ** 2;
    }
  }
  return Math.sqrt((2 * sum) / (texts.length * (texts.length - 1)));
}

const eventsOf = <T extends "step" | "evaluation" | "warning">(run: string, type: T): EventOf<T>[] =>
  readEvents(run).events.filter((event): event is EventOf<T> & typeof event => event.type === type);

before(async () => {
  const run = join(folder, "teacher");
  await runExperiment(tinyExperiment(corpus), run, quiet);
  teacher = await loadRun(run);
  await labelTexts(teacher.experiment, [teachRun(teacher)], { to: labels, session: { threads: 1 } });
});

describe("a student", () => {
  test("is taught by the teacher even where every label is wrong", async () => {
    // Each training row gets its neighbour's labels; validation rows keep their own.
    const rows = readFileSync(corpus, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const wrong = rows.map((row, i) =>
      row.set === "train" ? { ...rows[(i + 1) % rows.length], message: row.message, set: "train" } : row,
    );
    const path = join(folder, "wrong.jsonl");
    writeFileSync(path, `${wrong.map((row) => JSON.stringify(row)).join("\n")}\n`);
    const run = join(folder, "student");
    const distillation = { labels, temperature: 2, weight: 1 };
    await runExperiment(tinyExperiment(path, { distillation, seed: 8 }), run, quiet);
    const last = eventsOf(run, "evaluation").at(-1);
    assert.ok((last?.figures["emotion.macroF1"] ?? 0) > 0.9, `${last?.figures["emotion.macroF1"]}`);
    assert.deepEqual(eventsOf(run, "warning"), []);

    const { training } = await exportRun(await loadRun(run), {
      to: join(folder, "model"),
      name: "taught",
      version: "1.0.0",
      description: "",
      precision: "fp32",
      maxTokens: 16,
      session: { threads: 1 },
    });
    const [own] = (await SoftLabels.read(labels)).manifest.teachers;
    assert.ok(own);
    const { precision: _, ...told } = own;
    assert.deepEqual(training.teachers, [told]);
  });

  test("finds the same texts alike as the teacher does where it is to", async () => {
    const soft = await SoftLabels.read(labels);
    const learn = async (similarity: number): Promise<number> => {
      const run = join(folder, `similarity-${similarity}`);
      const distillation = { labels, similarity };
      // One number to learn says little of what is alike. Judged once, at the end, so that the end is what is best.
      const settings = {
        heads: ["readiness"],
        distillation,
        seed: 8,
        evaluateEverySteps: 1000,
        selectBy: "readiness.r",
      };
      await runExperiment(tinyExperiment(corpus, settings), run, quiet);
      const steps = eventsOf(run, "step");
      assert.equal("similarity" in (steps.at(-1)?.losses ?? {}), similarity > 0);
      return measureUnlikeness(await loadRun(run), soft);
    };
    const [without, followed] = [await learn(0), await learn(30)];
    assert.ok(followed < without / 2, `${followed} is not far below ${without}`);
  });

  test("is refused to be like a teacher of whom only logits are kept", async () => {
    const soft = await SoftLabels.read(labels);
    const texts = teacher.dataset.train.map(({ text }) => text);
    const without = join(folder, "logits-alone");
    const answers = texts.map((text) => soft.find(text) as TeacherLogits);
    const one = { corpus: "tiny", corpusSha256: "a".repeat(64), texts, logits: answers };
    await writeSoftLabels(without, [one], soft.manifest.teachers);
    const distillation = { labels: without, similarity: 1 };
    await assert.rejects(runExperiment(tinyExperiment(corpus, { distillation }), join(folder, "no"), quiet), {
      code: "CONFIG_INVALID",
      message: /distillation\.similarity: .*logits alone; write them anew with `attune label`/,
    });
  });

  test("is told of texts the teacher was not asked about", async () => {
    const other = writeCorpus(join(folder, "other"), 400);
    const run = join(folder, "unasked");
    const distillation = { labels };
    await runExperiment(tinyExperiment(other, { distillation, epochs: 1 }), run, quiet);
    assert.match(eventsOf(run, "warning")[0]?.message ?? "", /not asked about 6\d of 320 training texts/);
  });
});

describe("an exported model as a teacher", () => {
  test("answers as the run does, and is named by its version and its file", async () => {
    const to = join(folder, "asked");
    const maxTokens = 9; // fewer than some texts have: these are cut, not refused
    const exported = { to, name: "asked", version: "1.2.0", description: "", maxTokens };
    const session = { threads: 1 };
    const { files } = await exportRun(teacher, { ...exported, precision: "fp32", session });
    const theirs = join(folder, "soft-of-model");
    const { experiment } = teacher;
    await labelTexts(experiment, [await loadTeacher(to, "int8")], { to: theirs, session });
    const [soft, own] = [await SoftLabels.read(theirs), await SoftLabels.read(labels)];
    const isShort = (text: string): boolean =>
      teacher.base.tokenizer.encode(text, 64).ids.length <= maxTokens;
    const short = teacher.dataset.train.filter(({ text }) => isShort(text));
    assert.ok(short.length > 50 && short.length < teacher.dataset.train.length - 50);
    for (const { text } of short) assertAlike(soft, own, text, 0.03); // other texts, other steps
    assert.equal(soft.size, own.size);
    assert.deepEqual(soft.manifest.teachers, [
      { name: "asked 1.2.0", base: "bert", precision: "fp32", share: 1, sha256: files["model.onnx"]?.sha256 },
    ]);
    await assert.rejects(loadTeacher(join(folder, "soft"), "fp32"), { code: "CHECKPOINT_NOT_FOUND" });
  });
});

describe("soft labels of two teachers", () => {
  test("are the mean of their logits", async () => {
    const twice = join(folder, "twice");
    const options = { to: twice, weights: [3, 1], session: { threads: 1 } };
    await labelTexts(teacher.experiment, [teachRun(teacher), teachRun(teacher)], options);
    await assert.rejects(labelTexts(teacher.experiment, [teachRun(teacher)], options), { code: "USAGE" });
    await assert.rejects(
      labelTexts(teacher.experiment, [teachRun(teacher)], { ...options, weights: [Number.NaN] }),
      {
        code: "USAGE",
      },
    );
    const [one, both] = [await SoftLabels.read(labels), await SoftLabels.read(twice)];
    const text = teacher.dataset.train[0]?.text ?? "";
    assertAlike(one, both, text, 0.02);
    assert.deepEqual(
      both.manifest.teachers.map(({ share }) => share),
      [0.75, 0.25],
    );
    // A teacher's mean with itself finds alike what it finds alike alone.
    const texts = teacher.dataset.train.slice(0, 8).map((row) => row.text);
    const alike = (soft: SoftLabels, other: string): number => {
      const [a, b] = [text, other].map((one) => soft.findVector(one) as Float32Array);
      return (a as Float32Array).reduce(
        (sum, value, k) => sum + value * ((b as Float32Array)[k] as number),
        0,
      );
    };
    for (const other of texts)
      assert.ok(Math.abs(alike(one, other) - alike(both, other)) < 0.02, `${other}: ${alike(one, other)}`);
    assert.ok(alike(one, text) > 0.9 && texts.some((other) => alike(one, other) < 0.7));
    assert.equal(one.size, new Set(teacher.dataset.train.map((row) => row.text)).size);
  });
});

describe("a run that starts from another", () => {
  test("begins where that one's best weights are", async () => {
    const run = join(folder, "second");
    const settings = {
      start: join(folder, "teacher"),
      epochs: 0.5,
      learningRate: { encoder: 1e-6, heads: 1e-6 },
    };
    await runExperiment(tinyExperiment(corpus, settings), run, quiet);
    const before = eventsOf(join(folder, "teacher"), "step")[0]?.loss as number;
    const after = eventsOf(run, "step")[0]?.loss as number;
    assert.ok(after < before / 3, `${after} is not far below ${before}`);
  });

  test("begins at the average of several", async () => {
    const firstLoss = async (name: string, ...starts: string[]): Promise<number> => {
      const run = join(folder, name);
      const start = starts.map((one) => join(folder, one)) as [string, ...string[]];
      const settings = { start, epochs: 0.1, learningRate: { encoder: 1e-6, heads: 1e-6 } };
      await runExperiment(tinyExperiment(corpus, settings), run, quiet);
      return eventsOf(run, "step")[0]?.loss as number;
    };
    const alone = await firstLoss("alone", "teacher");
    assert.equal(await firstLoss("with-itself", "teacher", "teacher"), alone);
    assert.notEqual(await firstLoss("with-another", "teacher", "student"), alone);
  });

  test("begins at a model as it was exported, alone or averaged with a run", async () => {
    const to = join(folder, "shipped");
    const { maxTokens } = teacher.experiment;
    const exported = { name: "shipped", version: "1.0.0", description: "", maxTokens };
    await exportRun(teacher, { ...exported, to, precision: "int8", session: { threads: 1 } });
    const exact = join(folder, "shipped-exact");
    await exportRun(teacher, { ...exported, to: exact, precision: "fp32", session: { threads: 1 } });
    const firstLoss = async (name: string, start: string | [string, string]): Promise<number> => {
      const settings = { start, epochs: 0.1, learningRate: { encoder: 1e-6, heads: 1e-6 } };
      await runExperiment(tinyExperiment(corpus, settings), join(folder, name), quiet);
      return eventsOf(join(folder, name), "step")[0]?.loss as number;
    };
    const asTrained = await firstLoss("from-run", join(folder, "teacher"));
    assert.equal(await firstLoss("from-exact", exact), asTrained);
    for (const [name, start] of [
      ["from-model", to],
      ["from-both", [to, join(folder, "teacher")]],
    ] as const) {
      const rounded = await firstLoss(name, typeof start === "string" ? start : [...start]);
      assert.notEqual(rounded, asTrained);
      assert.ok(
        Math.abs(rounded / asTrained - 1) < 0.1,
        `${name}: ${rounded} after rounding, ${asTrained} before`,
      );
    }
  });

  test("refuses what is neither run nor model, and a model that reads text otherwise", async () => {
    const begin = (start: string, other: object = {}) =>
      runExperiment(tinyExperiment(corpus, { start, ...other }), join(folder, "refused"), quiet);
    await assert.rejects(begin(join(folder, "soft")), {
      code: "CHECKPOINT_NOT_FOUND",
      message: /soft: expected the folder of a run .* or a model .*attune-small/,
    });
    await assert.rejects(begin("attune-small"), {
      code: "CONFIG_INVALID",
      message: /another tokenizer; set base and emoji/,
    });
  });

  test("refuses weights of another shape", async () => {
    const base = { tiny: { layers: 1, hidden: 16, heads: 2, intermediate: 32 } };
    await assert.rejects(
      runExperiment(
        tinyExperiment(corpus, { start: join(folder, "teacher"), base }),
        join(folder, "other-base"),
        quiet,
      ),
      { code: "WEIGHTS_MISMATCH", message: /start from a run of the same base/ },
    );
  });
});
