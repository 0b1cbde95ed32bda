/** The command line and the engine over a real, if tiny, model folder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Analysis } from "../../src/emotion/analysis.js";
import { EmotionEngine } from "../../src/engine/engine.js";
import { writeServedModel } from "../fixtures/served-model.js";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
let folder = "";
let model = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "attune-serving-"));
  model = await writeServedModel(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `attune` as a shell would, with `input` on stdin; `closeEarly` stops reading after the first output. */
function attune(args: readonly string[], input = "", closeEarly = false): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (closeEarly) child.stdout.destroy();
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
    child.stdin.on("error", () => undefined); // a child that has seen enough does not read on
    child.stdin.end(input);
  });
}

describe("EmotionEngine over a model folder", () => {
  test("single, batched and long texts agree with each other", async () => {
    const engine = await EmotionEngine.load({ model, threads: 1, maxBatch: 5 });
    try {
      const texts = [
        "a",
        "I don't get it, why?",
        "yes!",
        "分からない",
        "word ".repeat(80),
        "lost again in chapter 4",
      ];
      const batched = await engine.analyze(texts);
      for (const [i, text] of texts.entries()) {
        const single = await engine.analyze(text);
        const together = batched[i] as Analysis;
        assert.equal(together.primaryEmotion, single.primaryEmotion);
        for (const { emotion, probability } of single.emotions) {
          const other = together.emotions.find((entry) => entry.emotion === emotion);
          assert.ok(Math.abs(probability - (other?.probability ?? -1)) < 1e-5, `${text}: ${emotion}`);
        }
        assert.ok(Math.abs(together.readiness.score - single.readiness.score) < 1e-5);
      }
      assert.equal(batched[4]?.input.tokens, 320);
      assert.equal(batched[3]?.uncertain, "unfamiliar_text");
      assert.notDeepEqual(batched[0]?.pad, batched[2]?.pad);
    } finally {
      await engine.close();
    }
  });
});

describe("attune", () => {
  test("--version and --help answer; no command is a call for help", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    const [told, help, bare] = await Promise.all([attune(["--version"]), attune(["--help"]), attune([])]);
    assert.deepEqual([told.code, told.stdout], [0, `${version}\n`]);
    assert.match(help.stdout, /Examples:[\s\S]*Exit codes:[\s\S]*NO_COLOR/);
    assert.equal(bare.stdout, help.stdout);
    assert.deepEqual([help.code, bare.code], [0, 0]);
  });

  test("typos are answered with what was meant, on stderr, with exit code 2", async () => {
    const [command, option, topic] = await Promise.all([
      attune(["analyse", "hi"]),
      attune(["analyze", "--jsn", "hi"]),
      attune(["help", "modles"]),
    ]);
    for (const { code, stdout } of [command, option, topic]) assert.deepEqual([code, stdout], [2, ""]);
    assert.match(command.stderr, /^error USAGE: unknown command 'analyse'\n\(Did you mean analyze\?\)\n/);
    assert.match(option.stderr, /Did you mean --json\?/);
    assert.match(topic.stderr, /Did you mean models\?/);
  });

  test("a message is a card for people and JSON for programs", async () => {
    const [card, json] = await Promise.all([
      attune(["analyze", "--model", model, "--explain", "I", "am stuck"]),
      attune(["analyze", "--model", model, "--json", "I am stuck"]),
    ]);
    assert.deepEqual([card.code, json.code], [0, 0]);
    const analysis = JSON.parse(json.stdout) as Analysis;
    assert.equal(analysis.emotions.length, 41);
    assert.match(
      card.stdout,
      new RegExp(`^“I am stuck”\n  ${analysis.primaryEmotion.replace("_", " ")} +[█▏▎▍▌▋▊▉·]+ `),
    );
    for (const part of [
      "pleasure",
      "readiness to learn",
      "support",
      "what speaks for and against",
      "stuck",
    ]) {
      assert.ok(card.stdout.includes(part), part);
    }
    assert.ok(!card.stdout.includes("\u001b"));
  });

  test("a file gives a record a line in order, errors in their place, exit code 2", async () => {
    const path = join(folder, "in.csv");
    const rows = Array.from({ length: 150 }, (_, i) => `${i},"message, number ${i}"`);
    rows[20] = "20,";
    writeFileSync(path, `id,message\n${rows.join("\n")}\n`);
    const { code, stdout, stderr } = await attune([
      "analyze",
      "-m",
      model,
      "-i",
      path,
      "--column",
      "message",
    ]);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(code, 2);
    assert.deepEqual(
      records.map(({ line, id }) => [line, id]),
      rows.map((_, i) => [i + 2, String(i)]),
    );
    assert.equal(records[20].error.code, "INPUT_EMPTY");
    assert.equal(records.filter((record) => "primaryEmotion" in record).length, 149);
    assert.match(stderr, /analyze: .* 100% · messages 150 · .*failed 1/);
  });

  test("stdin is read as a stream; a table is for people; a reader that leaves early is no failure", async () => {
    const [table, cut] = await Promise.all([
      attune(["analyze", "-m", model, "-i", "-", "-f", "table"], "first\n\nthird\n"),
      attune(["analyze", "-m", model, "-i", "-"], "again\n".repeat(3000), true),
    ]);
    assert.equal(table.code, 2);
    assert.match(table.stdout, /^line +emotion .*\n1 .* first\n2 +error INPUT_EMPTY: .*\n3 .* third\n$/);
    assert.deepEqual([cut.code, cut.stderr.includes("error")], [0, false]);
  });

  test("a model or an input that is not there is one line with its code and a remedy", async () => {
    const [noModel, noFile, both] = await Promise.all([
      attune(["analyze", "--model", "no-such-model", "hi"]),
      attune(["analyze", "--model", model, "--input", join(folder, "none.txt")]),
      attune(["analyze", "--input", "a.txt", "hi"]),
    ]);
    assert.equal(noModel.code, 4);
    assert.match(noModel.stderr, /^error MODEL_NOT_FOUND: model no-such-model: .*attune (train|export).*\n$/);
    assert.equal(noFile.code, 3);
    assert.match(noFile.stderr, /^error DATA_NOT_FOUND: /);
    assert.equal(both.code, 2);
    assert.match(both.stderr, /^error USAGE: .*got both/);
  });

  test("models lists what is whole and what is not", async () => {
    const broken = await writeServedModel(folder, "broken");
    writeFileSync(join(broken, "tokenizer.json"), "{}");
    const { code, stdout } = await attune(["models", model, broken, "--json"]);
    const [good, bad] = JSON.parse(stdout);
    assert.equal(code, 4);
    assert.deepEqual([good.valid, good.version, good.precision], [true, "0.0.1", "fp32"]);
    assert.deepEqual([bad.valid, bad.error.code], [false, "MODEL_FILE"]);
  });

  test("models tells a readiness model for what it is", async () => {
    const { code, stdout } = await attune(["models", "models/attune-readiness", "--json"]);
    const [readiness] = JSON.parse(stdout);
    assert.deepEqual([code, readiness.valid, readiness.base], [0, true, "attune-small"]);
    assert.ok(readiness.figures["success.auc"] > 0.5);
  });

  test("the demonstration ends by itself where nobody can type", async () => {
    const { code, stdout } = await attune(["demo", "--model", model]);
    assert.equal(code, 0);
    assert.equal(stdout.match(/readiness to learn/g)?.length, 6);
  });
});
