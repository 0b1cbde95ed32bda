/** @file `attune models`: which models are at hand, whether they are whole, and what they reached. */
import { join } from "node:path";
import { Command } from "commander";
import { toAppError } from "../base/errors.js";
import { type Colors, colorsFor } from "./terminal.js";

type Entry =
  | {
      readonly model: string;
      readonly folder: string;
      readonly valid: true;
      readonly version: string;
      readonly base: string;
      readonly precision: string;
      readonly bytes: number;
      readonly figures: Readonly<Record<string, number>>;
    }
  | {
      readonly model: string;
      readonly folder: string;
      readonly valid: false;
      readonly error: { readonly code: string; readonly message: string };
    };

/** The command. */
export function modelsCommand(): Command {
  return new Command("models")
    .summary("list the models at hand")
    .description(
      "Lists the shipped models, or checks the folders named, with what each reached when it was trained.",
    )
    .argument("[folder...]", "model folders to check instead")
    .option("--json", "print the list as JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ attune models
  $ attune models runs/my-run/model --json

Exit codes: 0 all are valid; 4 one is not, or there is none.`,
    )
    .action(async (folders: readonly string[], { json }: { readonly json?: boolean }) => {
      const { defaultModel, listShippedModels, locateModel, modelsFolder } = await import(
        "../engine/location.js"
      );
      const shipped = listShippedModels();
      // With nothing there, the error for the default model says what to do.
      if (folders.length === 0 && shipped.length === 0) locateModel(defaultModel);
      const named = folders.length > 0;
      const entries = await Promise.all(
        (named ? folders : shipped).map((model) =>
          describe(model, named ? model : join(modelsFolder, model)),
        ),
      );
      if (json) process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
      else process.stdout.write(entries.map((entry) => draw(entry, colorsFor(process.stdout))).join("\n"));
      if (entries.some(({ valid }) => !valid)) process.exitCode = 4;
    });
}

/** What is told of a model of any kind. */
interface Told {
  readonly version: string;
  readonly precision: string;
  readonly base: string;
  readonly files: Readonly<Record<string, { readonly bytes: number }>>;
  readonly figures: Readonly<Record<string, number>>;
}

/** Reads a folder as its manifest's kind says; a text model names none. */
async function readAnyModel(folder: string): Promise<Told> {
  const { readManifestKind, readSealedFolder } = await import("../model/folder/sealed-folder.js");
  const kind = await readManifestKind(folder);
  if (kind === "intervention") {
    const { interventionFormat } = await import("../policy/manifest.js");
    const { version, readinessModel, training, files } = (await readSealedFolder(folder, interventionFormat))
      .manifest;
    return { version, precision: "fp32", base: readinessModel.name, files, figures: training.figures };
  }
  if (kind === "readiness") {
    const { readinessFormat } = await import("../readiness/manifest.js");
    const { version, textModel, training, files } = (await readSealedFolder(folder, readinessFormat))
      .manifest;
    return { version, precision: "fp32", base: textModel.name, files, figures: training.figures };
  }
  const { readModelDirectory } = await import("../model/folder/directory.js");
  const { version, precision, base, training, files } = (await readModelDirectory(folder)).manifest;
  return { version, precision, base: base.name, files, figures: training.figures };
}

async function describe(model: string, folder: string): Promise<Entry> {
  try {
    const { version, precision, base, files, figures } = await readAnyModel(folder);
    const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
    return { model, folder, valid: true, version, precision, base, bytes, figures };
  } catch (cause) {
    const error = toAppError(cause, folder, "MODEL_FILE");
    return { model, folder, valid: false, error: { code: error.code, message: error.message } };
  }
}

function draw(entry: Entry, { bold, dim, green, red }: Colors): string {
  if (!entry.valid)
    return `${bold(entry.model)} ${red(`error ${entry.error.code}`)}: ${entry.error.message}\n`;
  const { model, version, precision, base, bytes, folder, figures } = entry;
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const lines = [
    `${bold(model)} ${version} ${green("valid")}  ${precision}, ${size}, from ${base}`,
    dim(`  ${folder}`),
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(36)} ${value.toFixed(3)}`),
  ];
  return `${lines.join("\n")}\n`;
}
