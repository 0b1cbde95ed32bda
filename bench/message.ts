/** @file How long one message takes, warm, against @huggingface/transformers with the same encoder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { modelFolder, packageFolder } from "../src/data/folders.js";
import { EmotionEngine } from "../src/engine/engine.js";
import { timedMessage } from "../src/evaluation/speed.js";
import { exportHubEncoder } from "./hub-encoder.js";
import { findModel } from "./model.js";
import { benchCache, findTransformers, RivalProcess } from "./process.js";
import { type BenchOptions, type Row, type Section, skip } from "./report.js";
import { type Contender, interleave, median, quantile, ratio, timeRuns } from "./sample.js";

const title = "One message of about 20 tokens, warm, from text to answer";
const encoder = "all-MiniLM-L6-v2";
const threadCounts = [1, 2];

/** The rivals: each precision at each number of threads, a process each. */
async function startRivals(options: BenchOptions): Promise<RivalProcess[] | string> {
  const packages = findTransformers(options.transformers);
  if (packages === undefined)
    return "@huggingface/transformers is not set up; `npm run bench -- message --transformers` does it";
  const source = modelFolder(encoder);
  if (!existsSync(join(source, "model.safetensors")))
    return `no MiniLM in ${source}; run \`attune fetch minilm\` or set ATTUNE_MODELS`;
  const models = await exportHubEncoder(source, join(benchCache, "encoders"), encoder);
  const script = join(packageFolder, "bench", "transformers-message.mjs");
  const rivals: RivalProcess[] = [];
  for (const threads of threadCounts) {
    for (const [label, dtype] of [
      ["default precision", "default"],
      ["int8", "q8"],
    ] as const) {
      const args = [script, packages, models, encoder, dtype, `${threads}`, timedMessage];
      rivals.push(await RivalProcess.start(`${label}, ${threads} thread`, process.execPath, args));
    }
  }
  return rivals;
}

/** Measures the message. */
export async function benchMessage(options: BenchOptions): Promise<Section> {
  const model = findModel(options);
  if ("missing" in model) return skip(title, model.missing);
  const engines: EmotionEngine[] = [];
  const ours: Contender[] = [];
  for (const threads of threadCounts) {
    const engine = await EmotionEngine.load({ model: model.folder, threads });
    engines.push(engine);
    ours.push({
      name: `attune, ${threads} thread`,
      measure: (runs) => timeRuns(runs, () => engine.analyze(timedMessage)),
    });
  }
  const rivals = await startRivals(options);
  const running = typeof rivals === "string" ? [] : rivals;
  const amount = options.quick ? { rounds: 3, runs: 5, warmUps: 5 } : { rounds: 15, runs: 20, warmUps: 30 };
  const samples = await interleave([...ours, ...running], amount);
  const { tokens } = (await engines[0]?.analyze(timedMessage))?.input ?? { tokens: 0 };
  for (const engine of engines) await engine.close();
  for (const rival of running) rival.stop();

  const rows: Row[] = [["tokens", `${tokens}`]];
  const figures: Record<string, number | string> = { tokens };
  for (const [name, rounds] of samples) {
    const all = rounds.flat();
    rows.push([name, `${median(all).toFixed(2)} ms`, `p95 ${quantile(all, 0.95).toFixed(2)} ms`]);
    figures[`${name}, p50 ms`] = median(all);
    figures[`${name}, p95 ms`] = quantile(all, 0.95);
  }
  for (const rival of running) {
    const threads = rival.name.split(", ")[1];
    const times = ratio(samples.get(`attune, ${threads}`) ?? [], samples.get(rival.name) ?? []);
    rows.push([
      `faster than ${rival.name}`,
      `${times.toFixed(2)} ×`,
      "median over rounds; at least 3 wanted",
    ]);
    figures[`times as fast as ${rival.name}`] = times;
  }
  if (running[0]) figures.transformers = running[0].greeting.transformers ?? "?";
  if (typeof rivals === "string") rows.push(["@huggingface/transformers", "not here", rivals]);
  return { title, rows, figures };
}
