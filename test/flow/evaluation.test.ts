/** `attune evaluate` and `attune calibrate` over a real, if tiny, model folder. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { emotionIds } from "../../src/emotion/taxonomy.js";
import type { EvaluationResult } from "../../src/evaluation/result.js";
import { writeServedModel } from "../fixtures/served-model.js";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
let folder = "";
let model = "";
let messages = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "attune-evaluation-"));
  model = await writeServedModel(folder);
  messages = join(folder, "messages.csv");
  const rows = Array.from(
    { length: 123 },
    (_, i) => `message ${"very ".repeat(i % 5)}${i},${emotionIds[i % 41]},${i % 6}`,
  );
  writeFileSync(messages, ["said,felt,help", ...rows, "bad row,no such class,1", ""].join("\n"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const columns = ["--columns", "text=said,emotion=felt,support=help"];

function attune(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", fail);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

describe("attune evaluate", () => {
  test("own data: table, JSON, page, pictures, card; absent parts are skipped with the reason", async () => {
    const out = join(folder, "out");
    const { code, stdout, stderr } = await attune(
      ...["evaluate", "--model", model, "--data", messages, ...columns, "--only", "learner,challenges,edges"],
      ...["--resamples", "20", "--json", join(out, "a.json"), "--html", join(out, "a.html")],
      ...["--pictures", join(out, "pictures"), "--card"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 rows could not be read; the first is messages.csv:125/);
    const result = JSON.parse(readFileSync(join(out, "a.json"), "utf8")) as EvaluationResult;
    assert.ok("rows" in result.learner.own && result.learner.own.rows === 123);
    assert.deepEqual(result.learner.registers, { skipped: "no learner corpus given" });
    assert.deepEqual(result.speed, { skipped: "not asked for" });
    assert.ok("sets" in result.challenges);
    assert.equal(Object.keys(result.challenges.sets).length, 8);
    assert.match(stdout, /others feelings +0\.\d{3} {2}\[/);
    assert.ok("failed" in result.edges);
    assert.deepEqual(
      result.edges.cases.filter((one) => one.got !== one.expected),
      [],
    );
    assert.match(stdout, /Own data {2}123 rows/);
    assert.match(readFileSync(join(out, "a.html"), "utf8"), /<svg /);
    assert.ok(readdirSync(join(out, "pictures")).includes("confusion-own.svg"));
    assert.match(readFileSync(join(model, "README.md"), "utf8"), /Own data: macro-F1/);
    // The folder is still whole after its card was rewritten.
    assert.equal((await attune("analyze", "--model", model, "fine")).code, 0);
  });

  test("a gate on a figure that was skipped fails with the reason and exit code 7", async () => {
    const gates = join(folder, "gates.json");
    writeFileSync(
      gates,
      JSON.stringify({
        gates: [
          { figure: "edges.failed", atMost: 0 },
          { figure: "emobank.valence.r", atLeast: 0.5 },
        ],
      }),
    );
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { code, stdout, stderr } = await attune(
      ...[
        "evaluate",
        "--model",
        model,
        "--data",
        join(folder, "empty"),
        "--only",
        "emobank,edges",
        "--gate",
        gates,
      ],
    );
    assert.equal(code, 7);
    assert.match(stdout, /✔ edges.failed {2}0/);
    assert.match(stderr, /error GATE_NOT_MET: .*emobank was skipped: emobank: expected emobank.csv/);
  });

  test("wrong use is told before anything is measured", async () => {
    for (const [args, code, message] of [
      [["--only", "speeed"], 2, /expected some of goemotions,/],
      [["--gate", join(folder, "none.json")], 3, /none.json/],
      [["--data", join(folder, "none")], 3, /--data .*none/],
      [["--columns", "text"], 2, /pairs such as/],
      [["--resamples", "1.5"], 2, /whole number/],
    ] as const) {
      const ended = await attune("evaluate", "--model", model, ...args);
      assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
      assert.match(ended.stderr, message);
    }
  });
});

describe("attune calibrate", () => {
  const calibrationOf = () => JSON.parse(readFileSync(join(model, "model.json"), "utf8")).calibration;

  test("a dry run writes nothing; a real one what it showed, and heads without labels keep theirs", async () => {
    const before = calibrationOf();
    const args = ["calibrate", "--model", model, "--data", messages, ...columns, "--coverage", "0.8"];
    const dry = await attune(...args, "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /coverage of prediction sets +\S+ → 0\.800/);
    assert.deepEqual(calibrationOf(), before);

    const wet = await attune(...args);
    assert.equal(wet.code, 0, wet.stderr);
    assert.equal(wet.stdout, dry.stdout);
    const now = calibrationOf();
    assert.equal(now.conformal.coverage, 0.8);
    assert.equal(now.rows.emotion, 123);
    assert.notEqual(now.temperatures.emotion, before.temperatures.emotion);
    assert.deepEqual(now.thresholds, before.thresholds);
    assert.ok(existsSync(join(model, "model.onnx")));
    assert.equal((await attune("analyze", "--model", model, "fine")).code, 0);
  });

  test("a coverage of 1 and data without a label are refused", async () => {
    assert.equal((await attune("calibrate", "--model", model, "--coverage", "1")).code, 2);
    const empty = join(folder, "empty.csv");
    writeFileSync(empty, "text,emotion\n");
    const ended = await attune("calibrate", "--model", model, "--data", empty);
    assert.equal(ended.code, 3, ended.stderr);
  });
});
