/** @file `attune calibrate`: fits a model's calibration again, on validation data or on a user's own. */
import { Command, InvalidArgumentError, Option } from "commander";
import { AppError } from "../base/errors.js";
import type { Calibration } from "../calibration/calibration.js";
import type { LabelledLogits } from "../calibration/fit.js";
import type { Example } from "../data/example.js";
import type { ModelDirectory } from "../model/folder/directory.js";
import type { Familiarity, FamiliarityTable } from "../text/familiarity.js";
import { createProgress } from "./progress.js";
import {
  type CorpusLoaders,
  type DataFlags,
  defaultColumns,
  openData,
  parseColumns,
  parseWhole,
} from "./test-data.js";

interface CalibrateFlags extends DataFlags {
  readonly model?: string;
  readonly device?: string;
  readonly coverage: number;
  readonly minAccuracy: number;
  readonly seed: number;
  readonly only?: "familiarity";
  readonly dryRun?: boolean;
}

/** Texts read between two reports of progress. */
const chunkSize = 512;

/** The command. */
export function calibrateCommand(): Command {
  return new Command("calibrate")
    .summary("fit a model's calibration on validation data")
    .description(
      "Fits temperatures, thresholds, prediction sets and limits of doubt again and writes them into the model folder. The weights stay as they are.",
    )
    .option("-m, --model <name|folder>", "shipped model or model folder (default: attune-small)")
    .option("--data <path>", "folder that holds goemotions/, or a .csv or .jsonl file of your own")
    .option("--columns <pairs>", "columns of your own file", parseColumns, { ...defaultColumns })
    .option(
      "--coverage <share>",
      "share of messages whose prediction set should hold the true class",
      parseShare,
      0.9,
    )
    .option("--min-accuracy <share>", "accuracy under which an answer is called uncertain", parseShare, 0.5)
    .option("--seed <n>", "seed of the split behind the prediction sets", parseWhole(0), 0)
    .addOption(
      new Option("--only <part>", "fit only the limit of unfamiliar text; the model is not run").choices([
        "familiarity",
      ]),
    )
    .option("--dry-run", "print what would be written, and write nothing")
    .option("--device <name>", "ONNX Runtime execution provider: cpu, cuda, … (default: cpu)")
    .addHelpText(
      "after",
      `
Examples:
  $ attune calibrate --model runs/small/model
  $ attune calibrate --coverage 0.95
  $ attune calibrate --data messages.csv --columns text=message,emotion=label --dry-run
  $ attune calibrate --only familiarity

Of the known corpora the validation rows are used; of your own file the validation rows too where it has a split
column, else all rows. A head without labels keeps the calibration it had. What is familiar is learned from the known
corpora's training rows where the model does not say; the limit is fitted on the rows above, 99 at least.
Exit codes: 0 written; 3 data cannot be read; 4 the model cannot be used.`,
    )
    .action(run);
}

function parseShare(value: string): number {
  const share = Number(value);
  if (value.trim() !== "" && share > 0 && share < 1) return share;
  throw new InvalidArgumentError("expected a number between 0 and 1");
}

async function run(flags: CalibrateFlags): Promise<void> {
  const [
    { locateModel },
    { readModelDirectory, updateManifest },
    { renderCard, renewCalibration },
    { Familiarity },
  ] = await Promise.all([
    import("../engine/location.js"),
    import("../model/folder/directory.js"),
    import("../model/folder/card.js"),
    import("../text/familiarity.js"),
  ]);
  const folder = locateModel(flags.model);
  const directory = await readModelDirectory(folder);
  const previous = directory.manifest.calibration;
  const { rows: examples, train } = await loadRows(await openData(flags), flags.columns.split !== undefined);
  const table = previous.uncertainty.familiarity?.table ?? (await learnTable(train));
  const familiarity = table && new Familiarity(table);
  const calibration =
    flags.only === "familiarity"
      ? await fitOnlyFamiliarity(examples, previous, table, familiarity)
      : await fitWhole(flags, folder, examples, directory, table, familiarity);
  process.stdout.write(describeChange(previous, calibration));
  if (flags.dryRun) return;
  await updateManifest(
    folder,
    ({ files: _, ...manifest }) => ({ ...manifest, calibration }),
    (manifest, card) => (flags.only === undefined ? renderCard(manifest) : renewCalibration(card, manifest)),
  );
  const figures = flags.only === undefined ? "its card shows no test figures until" : "measure it again with";
  process.stderr.write(`wrote ${folder}; ${figures}: attune evaluate --card\n`);
}

/** What is familiar, from training rows; `undefined` where there are none. */
async function learnTable(train: readonly Example[]): Promise<FamiliarityTable | undefined> {
  if (train.length === 0) return undefined;
  const { learnFamiliarity } = await import("../text/familiarity.js");
  return learnFamiliarity(new Set(train.map(({ text }) => text)));
}

async function fitOnlyFamiliarity(
  examples: readonly Example[],
  previous: Calibration,
  table: FamiliarityTable | undefined,
  measure: Familiarity | undefined,
): Promise<Calibration> {
  const { fitFamiliarity } = await import("../calibration/fit.js");
  const rows = measure ? examples.map(({ text }) => ({ surprise: measure.measureSurprise(text) })) : [];
  const familiarity = fitFamiliarity(rows, table);
  if (familiarity === undefined) {
    throw new AppError(
      "DATA_INVALID",
      `calibrate: expected 99 validation rows or more and a table of familiar words, got ${examples.length} rows and ` +
        `${table === undefined ? "no table" : "a table"}; run \`attune fetch goemotions\`, or give more rows`,
    );
  }
  return { ...previous, uncertainty: { ...previous.uncertainty, familiarity } };
}

/** Runs the model over the rows and fits all there are labels for. */
async function fitWhole(
  { device, coverage, minAccuracy, seed }: CalibrateFlags,
  folder: string,
  examples: readonly Example[],
  directory: ModelDirectory,
  table: FamiliarityTable | undefined,
  familiarity: Familiarity | undefined,
): Promise<Calibration> {
  const [{ EmotionEngine }, { fitCalibration }] = await Promise.all([
    import("../engine/engine.js"),
    import("../calibration/fit.js"),
  ]);
  const measureUnknown = await createUnknownMeter(directory.tokenizer);
  const engine = await EmotionEngine.load({ model: folder, device });
  const rows: LabelledLogits[] = [];
  const progress = createProgress({ label: "calibrate", total: examples.length });
  try {
    for (let start = 0; start < examples.length; start += chunkSize) {
      const chunk = examples.slice(start, start + chunkSize);
      const inspections = await engine.inspect(chunk.map(({ text }) => text));
      inspections.forEach(({ raw }, i) => {
        const example = chunk[i] as Example;
        rows.push({
          logits: raw,
          example,
          unknownShare: measureUnknown(example.text),
          ...(familiarity && { surprise: familiarity.measureSurprise(example.text) }),
        });
      });
      progress.update(rows.length);
    }
  } finally {
    progress.stop();
    await engine.close();
  }
  const { calibration: previous } = directory.manifest;
  return fitCalibration(rows, {
    coverage,
    minAccuracy,
    seed,
    previous,
    ...(table && { familiarity: table }),
  });
}

/**
 * Validation rows of the corpora that have labels to calibrate by, and the known corpora's training rows, which say what
 * is familiar; a corpus that is absent is told.
 */
async function loadRows(
  corpora: CorpusLoaders,
  ownSplit: boolean,
): Promise<{ readonly rows: readonly Example[]; readonly train: readonly Example[] }> {
  const rows: Example[] = [];
  const train: Example[] = [];
  for (const name of ["learner", "goemotions", "own"] as const) {
    const load = corpora[name];
    if (load === undefined) continue;
    try {
      const { examples } = await load();
      const whole = name === "own" && !ownSplit;
      rows.push(...examples.filter(({ split }) => whole || split === "validation"));
      if (name !== "own") train.push(...examples.filter(({ split }) => split === "train"));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "DATA_NOT_FOUND" || name === "own") throw error;
      process.stderr.write(`calibrate: without ${name}, whose part stays as it was: ${error.message}\n`);
    }
  }
  if (rows.length === 0) {
    throw new AppError(
      "DATA_NOT_FOUND",
      "calibrate: expected validation rows, got none; run `attune fetch goemotions`, or name a file of your own with --data",
    );
  }
  return { rows, train };
}

/** Share of a text's tokens that the model's vocabulary lacks. */
async function createUnknownMeter(tokenizerJson: unknown): Promise<(text: string) => number> {
  const { Tokenizer } = await import("../text/tokenizer.js");
  const tokenizer = Tokenizer.fromJson(tokenizerJson);
  return (text) => {
    const { tokens, unknown } = tokenizer.windows(text, 512, 0);
    return tokens === 0 ? 1 : unknown / tokens;
  };
}

function describeChange(before: Calibration, after: Calibration): string {
  const lines: [string, number, number][] = [
    ["temperature, emotion", before.temperatures.emotion, after.temperatures.emotion],
    ["temperature, goemotions", before.temperatures.goemotions, after.temperatures.goemotions],
    ["temperature, support", before.temperatures.support, after.temperatures.support],
    ["global threshold", before.thresholds.global, after.thresholds.global],
    ["coverage of prediction sets", before.conformal.coverage, after.conformal.coverage],
    ["set quantile", before.conformal.quantile, after.conformal.quantile],
    ["uncertain below", before.uncertainty.minConfidence, after.uncertainty.minConfidence],
    ["uncertain above set size", before.uncertainty.maxSetSize, after.uncertainty.maxSetSize],
  ];
  const limits = [before, after].map(
    ({ uncertainty }) => uncertainty.familiarity?.maxSurprise.toFixed(3) ?? "none",
  );
  const eces = Object.entries(after.ece).map(
    ([head, ece]) =>
      `${head} ${ece.before.toFixed(3)} → ${ece.after.toFixed(3)} on ${after.rows[head] ?? 0} rows`,
  );
  return [
    ...lines.map(([name, was, is]) => `${name.padEnd(30)} ${was.toFixed(3)} → ${is.toFixed(3)}`),
    `${"unfamiliar above surprise".padEnd(30)} ${limits.join(" → ")}`,
    `calibration error: ${eces.join(", ")}`,
    "",
  ].join("\n");
}
