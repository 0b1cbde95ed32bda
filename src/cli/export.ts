/** @file `attune export`: makes a model folder of a run. */
import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { AppError } from "../base/errors.js";

interface ExportFlags {
  readonly to: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly precision: "int8" | "fp32";
  readonly wordBits: "8" | "4";
  readonly weights?: readonly string[];
}

/** What may be said about a model beyond its run. */
export interface ExportSettings {
  readonly precision: "int8" | "fp32";
  /** Bits of a number in the word table of an int8 model: 8 by default. */
  readonly wordBits?: 8 | 4;
  /** How much each of several runs counts in the average; all the same by default. */
  readonly weights?: readonly number[] | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

const examples = `
Examples:
  $ attune export runs/small --to models/attune-small
  $ attune export runs/small --to models/attune-small-fp32 --precision fp32
  $ attune export runs/large --to models/attune-large --word-bits 4         # a smaller file, at some cost
  $ attune export runs/small-long runs/small --to models/attune-small     # the average of two runs' weights
  $ attune export runs/student runs/small --weights 3 1 --to models/mine    # … three parts of the first, one of the second
  $ attune export runs/student attune-small --to models/mine                # … and of a model, shipped or exported
  $ attune export runs/attune-readiness --to models/attune-readiness        # always fp32`;

/** Tokens a served model reads at once; longer texts are read in overlapping windows. */
const servedTokens = 128;

/** The command. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("make a model folder of a training run")
    .description(
      "Writes a run's best weights as a model folder: ONNX, tokenizer, calibration on validation data, card.",
    )
    .argument(
      "<runs...>",
      "the run's folder, e.g. runs/small; of several, or a run and models, the weights are averaged",
    )
    .requiredOption("--to <folder>", "where the model is written")
    .option("--weights <numbers...>", "how much each of several runs counts (default: all the same)")
    .option("--name <name>", "name of the model (default: the folder's)")
    .option("--model-version <version>", "version of the model", "1.0.0")
    .addOption(
      new Option("--precision <kind>", "how weights are stored").choices(["int8", "fp32"]).default("int8"),
    )
    .addOption(
      new Option("--word-bits <bits>", "bits of a number in an int8 model's word table")
        .choices(["8", "4"])
        .default("8"),
    )
    .addHelpText("after", examples)
    .action(async (runs: string[], flags: ExportFlags) => {
      const { precision, name, modelVersion } = flags;
      const wordBits = flags.wordBits === "4" ? 4 : 8;
      if (wordBits === 4 && precision === "fp32") refuseWordBits("--precision fp32");
      const small = await findSmallExport(runs[0] as string);
      if (small !== undefined) {
        if (runs.length > 1) {
          throw new AppError("USAGE", `export: expected one run of this kind, got ${runs.length}; name one`);
        }
        if (wordBits === 4) refuseWordBits("a run without a word table");
        await small(runs[0] as string, flags.to, { name, version: modelVersion });
        return;
      }
      const weights = flags.weights?.map(Number);
      await exportTo(runs, flags.to, { precision, wordBits, weights, name, version: modelVersion });
    });
}

function refuseWordBits(got: string): never {
  throw new AppError("USAGE", `export: expected an int8 model for --word-bits 4, got ${got}; leave one out`);
}

/** How runs of the small networks are exported, which have no tokenizer and no 8 bits; `undefined` for a text model's. */
async function findSmallExport(run: string): Promise<typeof exportReadinessTo | undefined> {
  const { locateRunExperiment } = await import("../training/weights.js");
  const { isIntervention, isReadiness, readAnyExperiment } = await import("../training/kinds.js");
  const experiment = readAnyExperiment(locateRunExperiment(run));
  if (isReadiness(experiment)) return exportReadinessTo;
  return isIntervention(experiment) ? exportInterventionTo : undefined;
}

/** Exports an intervention run into a folder, telling on stderr what is done. */
export async function exportInterventionTo(
  run: string,
  to: string,
  settings: Pick<ExportSettings, "name" | "version">,
): Promise<void> {
  const { loadInterventionRun } = await import("../training/intervention/run.js");
  const { exportInterventionRun } = await import("../training/intervention/export.js");
  const { name = basename(resolve(to)), version = "1.0.0" } = settings;
  const manifest = await exportInterventionRun(loadInterventionRun(run), { to, name, version });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const { figures, source } = manifest.training;
  const say = (text: string): void => void process.stderr.write(`export: ${text}\n`);
  say(`${to}: ${manifest.name} ${manifest.version}, fp32, ${(bytes / 1e6).toFixed(2)} MB`);
  const told = Object.entries(figures).map(([figure, value]) => `${figure} ${value.toFixed(3)}`);
  say(`on ${source} decisions held out: ${told.join(", ")}`);
}

/** Exports a readiness run into a folder, telling on stderr what is done. */
export async function exportReadinessTo(
  run: string,
  to: string,
  settings: Pick<ExportSettings, "name" | "version">,
): Promise<void> {
  const { loadReadinessRun } = await import("../training/readiness/run.js");
  const { exportReadinessRun } = await import("../training/readiness/export.js");
  const say = (text: string): void => void process.stderr.write(`export: ${text}\n`);
  say(`loading ${run}: its learners are simulated anew`);
  const { name = basename(resolve(to)), version = "1.0.0" } = settings;
  const manifest = await exportReadinessRun(await loadReadinessRun(run), { to, name, version });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  say(`${to}: ${manifest.name} ${manifest.version}, fp32, ${(bytes / 1e6).toFixed(2)} MB`);
  const figures = Object.entries(manifest.training.figures).map(
    ([figure, value]) => `${figure} ${value.toFixed(3)}`,
  );
  say(`on simulated validation learners: ${figures.join(", ")}`);
}

/** Exports a run, or the average of several, into a folder, telling on stderr what is done. */
export async function exportTo(runs: readonly string[], to: string, settings: ExportSettings): Promise<void> {
  const { exportRun } = await import("../training/text/export.js");
  const { loadRun } = await import("../training/text/trained-run.js");
  const { averageRuns } = await import("../training/text/average.js");
  const { loadSource } = await import("../training/text/source.js");
  const say = (text: string): void => void process.stderr.write(`export: ${text}\n`);
  say(`loading ${runs.join(", ")}`);
  const [folder, ...others] = runs;
  if (!folder) throw new AppError("USAGE", "export: expected the folder of a run, got none; name one");
  const first = await loadRun(folder);
  const sources = [];
  for (const other of others) sources.push(await loadSource(other, first.base, "export"));
  const trained = averageRuns([first, ...sources], settings.weights);
  const { maxTokens } = trained.experiment;
  const manifest = await exportRun(trained, {
    to,
    name: settings.name ?? basename(resolve(to)),
    version: settings.version ?? "1.0.0",
    description: trained.experiment.description,
    precision: settings.precision,
    quantization: { wordBits: settings.wordBits ?? 8 },
    maxTokens: Math.min(
      Math.max(servedTokens, maxTokens),
      trained.base.config.maxPositions - trained.base.config.positionOffset,
    ),
    session: { threads: trained.experiment.threads },
    onStage: say,
  });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const words = manifest.wordBits === undefined ? "" : ` with words in ${manifest.wordBits} bits`;
  say(
    `${to}: ${manifest.name} ${manifest.version}, ${manifest.precision}${words}, ${(bytes / 1e6).toFixed(1)} MB`,
  );
  if (manifest.agreement) {
    const { argmax, macroF1Difference } = manifest.agreement;
    say(
      `int8 against fp32 on validation: ${(100 * argmax).toFixed(2)} % equal main emotions, macro-F1 ${macroF1Difference >= 0 ? "+" : ""}${macroF1Difference.toFixed(4)}`,
    );
  }
}
