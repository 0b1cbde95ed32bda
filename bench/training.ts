/** @file How fast a training step is: against the machine's own matrix products, and against PyTorch. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { modelFolder, packageFolder } from "../src/data/folders.js";
import { readEncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { loadWeights } from "../src/model/weights.js";
import { countStepFlops, PeakMeter } from "./gemm.js";
import { findTorch, RivalProcess } from "./process.js";
import { type BenchOptions, type Row, type Section, skip } from "./report.js";
import { interleave, median, quantile, type Rounds, ratio, timeRuns } from "./sample.js";
import { TrainingStep } from "./training-step.js";

const [batch, tokens] = [32, 24];
const title = `Training step, MiniLM-L6, ${batch} × ${tokens} tokens, all weights, fp32`;

async function startTorch(
  folder: string,
  { threads, torch }: BenchOptions,
): Promise<RivalProcess | undefined> {
  const python = findTorch(torch);
  if (python === undefined) return undefined;
  const script = join(packageFolder, "bench", "torch-step.py");
  return RivalProcess.start("torch", python, [script, folder, `${batch}`, `${tokens}`, `${threads}`]);
}

/** Measures the step. */
export async function benchTraining(options: BenchOptions): Promise<Section> {
  const folder = modelFolder("minilm");
  if (!existsSync(join(folder, "model.safetensors")))
    return skip(title, `no MiniLM in ${folder}; run \`attune fetch minilm\` or set ATTUNE_MODELS`);
  const config = await readEncoderConfig(folder);
  const weights = await loadWeights(folder, listEncoderParameters(config));
  const step = await TrainingStep.open(config, weights, options.threads);
  const peak = await PeakMeter.open(options.threads);
  const torch = await startTorch(folder, options);
  const data = step.batch(batch, tokens);
  const ours = { name: "attune", measure: (runs: number) => timeRuns(runs, () => step.run(data)) };
  const meter = { name: "peak", measure: async (runs: number) => peak.measure(3 * runs).then(() => [0]) };
  const amount = options.quick ? { rounds: 2, runs: 2, warmUps: 2 } : { rounds: 8, runs: 5, warmUps: 5 };
  const samples = await interleave([ours, ...(torch ? [torch] : []), meter], amount);
  await step.close();
  await peak.close();
  torch?.stop();

  const rounds = (name: string): Rounds => samples.get(name) ?? [];
  const ms = median(rounds("attune").flat());
  const gflops = countStepFlops(config, step.specs, batch, tokens) / ms / 1e6;
  const share = gflops / peak.best;
  const rows: Row[] = [
    ["step (median)", `${ms.toFixed(0)} ms`, `p10 ${quantile(rounds("attune").flat(), 0.1).toFixed(0)} ms`],
    ["examples", `${((1000 * batch) / ms).toFixed(0)} a second`],
    ["matrix products", `${gflops.toFixed(0)} GFLOPS`, "of the whole step, its update included"],
    ["machine's best product", `${peak.best.toFixed(0)} GFLOPS`, "768 × 1536 × 1536 in the same run"],
    ["share of it", `${(100 * share).toFixed(0)} %`, "at least 55 % wanted"],
  ];
  const figures = { stepMs: ms, gflops, peakGflops: peak.best, shareOfPeak: share };
  if (!torch) {
    rows.push(["PyTorch", "not here", "`npm run bench -- training --torch` sets it up"]);
    return { title, rows, figures };
  }
  const torchMs = median(rounds("torch").flat());
  const speedUp = ratio(rounds("attune"), rounds("torch"));
  const { torch: version = "?" } = torch.greeting;
  rows.push(
    [`PyTorch ${version}`, `${torchMs.toFixed(0)} ms`, "same model, batch, losses, AdamW; in turns"],
    ["faster than PyTorch", `${speedUp.toFixed(2)} ×`, "median over rounds; at least 1 wanted"],
  );
  return { title, rows, figures: { ...figures, torchMs, torchVersion: version, torchRatio: speedUp } };
}
