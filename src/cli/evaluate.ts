/** @file `attune evaluate`: measures a model through the engine, and holds it against gates. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { toAppError } from "../base/errors.js";
import { type EvaluationPart, evaluationParts } from "../evaluation/parts.js";
import type { EvaluationResult } from "../evaluation/result.js";
import { createProgress, type Progress } from "./progress.js";
import { colorsFor } from "./terminal.js";
import { type DataFlags, defaultColumns, openData, parseColumns, parseWhole } from "./test-data.js";

interface EvaluateFlags extends DataFlags {
  readonly model?: string;
  readonly device?: string;
  readonly only?: readonly EvaluationPart[];
  readonly seed: number;
  readonly resamples: number;
  readonly json?: string;
  readonly html?: string;
  readonly pictures?: string;
  readonly gate?: string;
  readonly card?: boolean;
  readonly readiness?: string | true;
}

/** The command. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .summary("measure a model on test data")
    .description(
      "Measures a model on test data it never learned from, through the engine, so that the scores are the ones users get.",
    )
    .option("-m, --model <name|folder>", "shipped model or model folder (default: attune-small)")
    .option(
      "--data <path>",
      "folder that holds goemotions/ and emobank/, or a .csv or .jsonl file of your own",
    )
    .option("--columns <pairs>", "columns of your own file", parseColumns, { ...defaultColumns })
    .option("--only <parts>", `parts to measure, of ${evaluationParts.join(",")}`, parseParts)
    .option(
      "--readiness [name|folder]",
      "measure a readiness model on simulated learners instead (default: attune-readiness)",
    )
    .option("--json <file>", "write everything measured as JSON")
    .option("--html <file>", "write a report with charts, one self-contained page")
    .option("--pictures <folder>", "write the charts as SVG files")
    .option("--gate <file>", "fail where a figure falls short of these gates")
    .option("--card", "record the headline figures in the model's card")
    .option("--seed <n>", "seed of the bootstrap", parseWhole(0), 1)
    .option("--resamples <n>", "bootstrap resamples behind each interval", parseWhole(10), 1000)
    .option("--device <name>", "ONNX Runtime execution provider: cpu, cuda, … (default: cpu)")
    .addHelpText(
      "after",
      `
Examples:
  $ attune evaluate
  $ attune evaluate --model runs/small/model --html report.html --json report.json
  $ attune evaluate --gate experiments/guide-gates.json
  $ attune evaluate --only speed
  $ attune evaluate --readiness --gate experiments/readiness-gates.json
  $ attune evaluate --data messages.csv --columns text=message,emotion=label

A corpus that is not there is reported as skipped; get it with: attune fetch goemotions emobank
Exit codes: 0 measured; 3 data cannot be read; 4 the model cannot be used; 7 a gate was not met.`,
    )
    .action(run);
}

function parseParts(value: string): EvaluationPart[] {
  return value.split(",").map((part) => {
    const known = evaluationParts.find((name) => name === part.trim());
    if (known) return known;
    throw new InvalidArgumentError(`expected some of ${evaluationParts.join(",")}, got ${part}`);
  });
}

async function run(flags: EvaluateFlags): Promise<void> {
  if (flags.readiness !== undefined) {
    const { evaluateReadinessModel } = await import("./evaluate-readiness.js");
    return evaluateReadinessModel({ ...flags, readiness: flags.readiness }, writeOut);
  }
  const [
    { EmotionEngine },
    { locateModel },
    { readModelDirectory },
    { evaluate },
    { loadChallenges },
    gates,
    { renderTerminal },
  ] = await Promise.all([
    import("../engine/engine.js"),
    import("../engine/location.js"),
    import("../model/folder/directory.js"),
    import("../evaluation/evaluate.js"),
    import("../evaluation/challenge-set.js"),
    import("../evaluation/gates.js"),
    import("../evaluation/terminal.js"),
  ]);
  // Gates first: a mistake in them should not come out after minutes of measuring.
  const wanted = flags.gate === undefined ? [] : await gates.readGates(flags.gate);
  const folder = locateModel(flags.model);
  const { calibration } = (await readModelDirectory(folder)).manifest;
  const corpora = await openData(flags);
  const progress = new PartProgress();
  let result: EvaluationResult;
  try {
    result = await evaluate({
      load: (threads) => EmotionEngine.load({ model: folder, device: flags.device, threads }),
      calibration,
      corpora,
      challenges: loadChallenges,
      folder,
      seed: flags.seed,
      resamples: flags.resamples,
      onProgress: (part, done, total) => progress.update(part, done, total),
      ...(flags.only && { only: flags.only }),
    });
  } finally {
    progress.stop();
  }
  const outcomes = gates.checkGates(result, wanted);
  const colors = colorsFor(process.stdout);
  process.stdout.write(renderTerminal(result, outcomes, colors));
  await writeResults(result, outcomes, flags);
  if (flags.card) await recordInCard(folder, result);
  gates.enforceGates(outcomes);
}

async function writeResults(
  result: EvaluationResult,
  outcomes: Parameters<typeof import("../evaluation/report.js").renderReport>[1],
  { json, html, pictures }: EvaluateFlags,
): Promise<void> {
  if (json !== undefined) await writeOut(json, `${JSON.stringify(result)}\n`);
  if (html === undefined && pictures === undefined) return;
  const { renderReport, renderPictures } = await import("../evaluation/report.js");
  if (html !== undefined) await writeOut(html, renderReport(result, outcomes));
  if (pictures === undefined) return;
  for (const { file, svg } of renderPictures(result)) await writeOut(join(pictures, file), svg);
}

/** Writes a file, its folder made where it is missing, and says so on stderr. */
async function writeOut(path: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (error) {
    throw toAppError(error, `evaluate: writing ${path}`, "FILE_SYSTEM");
  }
  process.stderr.write(`wrote ${path}\n`);
}

async function recordInCard(folder: string, result: EvaluationResult): Promise<void> {
  const [{ updateManifest }, { renderCard }, { listCardFigures }] = await Promise.all([
    import("../model/folder/directory.js"),
    import("../model/folder/card.js"),
    import("../evaluation/summary.js"),
  ]);
  const figures = listCardFigures(result);
  await updateManifest(
    folder,
    ({ files: _, ...manifest }) => manifest,
    (manifest) => renderCard(manifest, figures),
  );
  process.stderr.write(`recorded ${Object.keys(figures).length} figures in ${join(folder, "README.md")}\n`);
}

/** One bar after the other, as corpora are gone through. */
class PartProgress {
  #part = "";
  #bar: Progress | undefined;

  update(part: string, done: number, total: number): void {
    if (part !== this.#part) {
      this.stop();
      this.#part = part;
      this.#bar = createProgress({ label: `evaluate ${part}`, total });
    }
    this.#bar?.update(done);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
