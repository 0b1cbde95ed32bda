/** @file How much memory training takes, and whether analysing a million messages stays flat. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { loadLearner } from "../src/data/corpora/learner.js";
import { modelFolder, packageFolder } from "../src/data/folders.js";
import { findModel } from "./model.js";
import { type BenchOptions, type Row, type Section, skip } from "./report.js";
import { median } from "./sample.js";

const title = "Resident memory";

/** Peak of a process of its own that trains, in MB. */
function measureTraining({ quick, threads }: BenchOptions): number {
  const script = join(packageFolder, "dist", "bench", "memory-training.js");
  const run = spawnSync(process.execPath, [script, modelFolder("minilm"), quick ? "4" : "60", `${threads}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`memory-training: ended with ${run.status}; see its message above`);
  return Number(run.stdout);
}

/** Resident megabytes of a process now. */
function residentMb(pid: number): number {
  if (process.platform === "linux")
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1e3;
  const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", `${pid}`], { encoding: "utf8" });
  return Number(stdout) / 1e3;
}

/** Memory of `attune analyze --input -` over `lines` messages: a sample a second. */
async function measureLines(folder: string, lines: number): Promise<{ samples: number[]; seconds: number }> {
  const { examples } = await loadLearner();
  const messages = function* (): Generator<string> {
    for (let i = 0; i < lines; i++)
      yield `${JSON.stringify({ id: i, text: examples[i % examples.length]?.text })}\n`;
  };
  const args = [
    join(packageFolder, "bin", "attune.js"),
    "analyze",
    "--input",
    "-",
    "--as",
    "jsonl",
    "--model",
    folder,
  ];
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  const samples: number[] = [];
  const timer = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) samples.push(residentMb(child.pid));
  }, 1000);
  let answers = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) answers++;
  });
  Readable.from(messages()).pipe(child.stdin);
  const [status] = await once(child, "close");
  clearInterval(timer);
  if (status !== 0 || answers !== lines)
    throw new Error(`attune analyze: expected ${lines} answers, got ${answers} and exit code ${status}`);
  return { samples, seconds: (performance.now() - startedAt) / 1000 };
}

/** Measures both, as far as what they need is here. */
export async function benchMemory(options: BenchOptions): Promise<Section> {
  const rows: Row[] = [];
  const figures: Record<string, number> = {};
  if (existsSync(join(modelFolder("minilm"), "model.safetensors"))) {
    figures.trainingPeakMb = measureTraining(options);
    const note = "MiniLM-L6, batch 32, up to 64 tokens, moving average kept; at most 2500 MB wanted";
    rows.push(["training, peak", `${figures.trainingPeakMb.toFixed(0)} MB`, note]);
  } else rows.push(["training", "not measured", `no MiniLM in ${modelFolder("minilm")}`]);
  const model = findModel(options);
  if ("missing" in model) {
    if (figures.trainingPeakMb === undefined) return skip(title, model.missing);
    rows.push(["analysing", "not measured", model.missing]);
    return { title, rows, figures };
  }
  const { samples, seconds } = await measureLines(model.folder, options.lines);
  if (samples.length < 10)
    return { title, rows: [...rows, ["analysing", "too short to say; more --lines"]], figures };
  const tenth = Math.ceil(samples.length / 10);
  figures.analysingLines = options.lines;
  figures.analysingSeconds = seconds;
  figures.analysingPeakMb = Math.max(...samples);
  figures.analysingSecondTenthMb = median(samples.slice(tenth, 2 * tenth));
  figures.analysingLastTenthMb = median(samples.slice(-tenth));
  rows.push(
    [
      `analysing ${options.lines} messages, peak`,
      `${figures.analysingPeakMb.toFixed(0)} MB`,
      "at most 500 MB wanted",
    ],
    ["second tenth of the time", `${figures.analysingSecondTenthMb.toFixed(0)} MB`],
    ["last tenth of the time", `${figures.analysingLastTenthMb.toFixed(0)} MB`, "as the second: flat"],
    ["rate", `${(options.lines / seconds).toFixed(0)} a second`],
  );
  return { title, rows, figures };
}
