/** @file How fast a training step is: against the machine's own matrix products, and against PyTorch. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { modelFolder, packageFolder } from "../src/data/folders.js";
import { readEncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { countParameters } from "../src/model/parameter.js";
import { loadWeights } from "../src/model/weights.js";
import { readExperiment } from "../src/training/experiment.js";
import { countStepFlops, PeakMeter } from "./gemm.js";
import { findTorch, RivalProcess } from "./process.js";
import { type BenchOptions, type Row, type Section, skip } from "./report.js";
import { interleave, median, quantile, type Rounds, ratio, timeRuns } from "./sample.js";
import { type Freeze, nothingFrozen, TrainingStep } from "./training-step.js";

const [batch, tokens] = [32, 24];

/** A step to be measured. */
interface Setting {
  /** The benchmark's name, for the hint how to have PyTorch. */
  readonly name: string;
  readonly folder: string;
  readonly freeze: Freeze;
  readonly amount: { readonly rounds: number; readonly runs: number; readonly warmUps: number };
  /** What is wanted of the share of the machine's best product, and of the ratio to PyTorch. */
  readonly wanted?: { readonly share: string; readonly ratio: string };
}

/** What a step was measured to be. */
type Measured = Pick<Section, "rows" | "figures">;

async function startTorch(
  { folder, freeze }: Setting,
  { threads, torch }: BenchOptions,
): Promise<RivalProcess | undefined> {
  const python = findTorch(torch);
  if (python === undefined) return undefined;
  const script = join(packageFolder, "bench", "torch-step.py");
  const numbers = [batch, tokens, threads, Number(freeze.embeddings), freeze.layers];
  return RivalProcess.start("torch", python, [script, folder, ...numbers.map(String)]);
}

async function measureStep(setting: Setting, options: BenchOptions): Promise<Measured> {
  const { name, folder, freeze, amount, wanted } = setting;
  const config = await readEncoderConfig(folder);
  const weights = await loadWeights(folder, listEncoderParameters(config));
  const step = await TrainingStep.open(config, weights, options.threads, { freeze });
  const peak = await PeakMeter.open(options.threads);
  const torch = await startTorch(setting, options);
  const data = step.batch(batch, tokens);
  const ours = { name: "attune", measure: (runs: number) => timeRuns(runs, () => step.run(data)) };
  const meter = { name: "peak", measure: async (runs: number) => peak.measure(3 * runs).then(() => [0]) };
  const samples = await interleave([ours, ...(torch ? [torch] : []), meter], amount);
  await step.close();
  await peak.close();
  torch?.stop();

  const rounds = (contender: string): Rounds => samples.get(contender) ?? [];
  const ms = median(rounds("attune").flat());
  const gflops = countStepFlops(config, step.specs, batch, tokens) / ms / 1e6;
  const share = gflops / peak.best;
  const millions = (count: number): string => `${(count / 1e6).toFixed(1)} M`;
  const trained = countParameters(step.specs.filter(({ frozen }) => !frozen));
  const rows: Row[] = [
    ["weights trained", millions(trained), `of ${millions(countParameters(step.specs))}`],
    ["step (median)", `${ms.toFixed(0)} ms`, `p10 ${quantile(rounds("attune").flat(), 0.1).toFixed(0)} ms`],
    ["examples", `${((1000 * batch) / ms).toFixed(0)} a second`],
    ["matrix products", `${gflops.toFixed(0)} GFLOPS`, "of the whole step, its update included"],
    ["machine's best product", `${peak.best.toFixed(0)} GFLOPS`, "768 × 1536 × 1536 in the same run"],
    ["share of it", `${(100 * share).toFixed(0)} %`, wanted?.share ?? ""],
  ];
  const figures = { stepMs: ms, gflops, peakGflops: peak.best, shareOfPeak: share };
  if (!torch) {
    rows.push(["PyTorch", "not here", `\`npm run bench -- ${name} --torch\` sets it up`]);
    return { rows, figures };
  }
  const torchMs = median(rounds("torch").flat());
  const speedUp = ratio(rounds("attune"), rounds("torch"));
  const { torch: version = "?" } = torch.greeting;
  const how = ["median over rounds", ...(wanted ? [wanted.ratio] : [])].join("; ");
  rows.push(
    [`PyTorch ${version}`, `${torchMs.toFixed(0)} ms`, "same model, batch, losses, AdamW; in turns"],
    ["faster than PyTorch", `${speedUp.toFixed(2)} ×`, how],
  );
  return { rows, figures: { ...figures, torchMs, torchVersion: version, torchRatio: speedUp } };
}

/** Where an encoder lies, or why it cannot be measured. */
function findEncoder(name: string): { readonly folder: string } | { readonly missing: string } {
  const folder = modelFolder(name);
  if (existsSync(join(folder, "model.safetensors"))) return { folder };
  return { missing: `no ${name} in ${folder}; run \`attune fetch ${name}\` or set ATTUNE_MODELS` };
}

/** Measures the step of the small model: all weights. */
export async function benchTraining(options: BenchOptions): Promise<Section> {
  const title = `Training step, MiniLM-L6, ${batch} × ${tokens} tokens, all weights, fp32`;
  const encoder = findEncoder("minilm");
  if ("missing" in encoder) return skip(title, encoder.missing);
  const amount = options.quick ? { rounds: 2, runs: 2, warmUps: 2 } : { rounds: 8, runs: 5, warmUps: 5 };
  const wanted = { share: "at least 55 % wanted", ratio: "at least 1 wanted" };
  const setting: Setting = { name: "training", ...encoder, freeze: nothingFrozen, amount, wanted };
  return { title, ...(await measureStep(setting, options)) };
}

/** Measures the step of the teacher, which takes seconds: all weights, and with those frozen that its experiment freezes. */
export async function benchTeacherTraining(options: BenchOptions): Promise<Section> {
  const title = `Training step, MPNet, ${batch} × ${tokens} tokens, all weights and as the teacher is trained, fp32`;
  const encoder = findEncoder("mpnet");
  if ("missing" in encoder) return skip(title, encoder.missing);
  const { freeze } = readExperiment(join(packageFolder, "experiments", "teacher.json"));
  const amount = options.quick ? { rounds: 2, runs: 1, warmUps: 1 } : { rounds: 8, runs: 2, warmUps: 3 };
  const setting = { name: "training-mpnet", ...encoder, amount };
  const whole = await measureStep({ ...setting, freeze: nothingFrozen }, options);
  const partly = await measureStep({ ...setting, freeze }, options);
  const label = (what: string, { rows }: Measured): Row[] =>
    rows.map(([first, ...rest]) => [`${what}: ${first}`, ...rest]);
  const frozenFigures = Object.entries(partly.figures).map(([key, figure]) => [`frozen.${key}`, figure]);
  return {
    title,
    rows: [...label("all weights", whole), ...label("as the teacher", partly)],
    figures: { ...whole.figures, ...Object.fromEntries(frozenFigures) },
  };
}
