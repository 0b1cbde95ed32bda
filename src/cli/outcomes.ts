/** @file `attune outcomes`: brings in what came of a platform's decisions, and says what the learned policy would have earned. */
import { createReadStream } from "node:fs";
import { Command } from "commander";
import { toAppError } from "../base/errors.js";
import type { Imported, NumberedLine } from "../policy/outcome-folder.js";
import { parseCount } from "./count.js";
import { type Line, splitLines } from "./lines.js";

interface ImportFlags {
  readonly to: string;
  readonly states?: string;
}

interface ReportFlags {
  readonly model: string;
  readonly seed: string;
  readonly json?: boolean;
}

/** Lines told of by name; of more only the number is told. */
const issuesShown = 20;

/** The command. */
export function outcomesCommand(): Command {
  const command = new Command("outcomes")
    .summary("bring in logged outcomes, judge the learned policy by them")
    .description("Outcomes of interventions as a platform logged them: to learn from, and to judge by.");
  command.addCommand(importCommand()).addCommand(reportCommand());
  return command;
}

function importCommand(): Command {
  return new Command("import")
    .summary("check a file of outcomes and keep its rows")
    .description("Checks outcomes line by line and adds the sound ones to a folder, each once.")
    .argument("<file>", "JSON Lines, or - for stdin")
    .requiredOption("--to <folder>", "where they are kept")
    .option("--states <file>", "JSON Lines of { stateRef, features } that rows refer to")
    .addHelpText(
      "after",
      `
A line: {"learnerId": "…", "at": 1760000000000, "features": [0.1, null, …], "level": 2, "propensity": 0.12, "outcome": 3.5}
with "stateRef": "…" in place of features where --states gives them. Rows without a propensity teach nothing and are
refused. A row that is there already is counted as a duplicate and not added again.

Exit codes: 0 all lines were sound; 2 some were not (the others are kept); 3 or 6 nothing could be read or written.`,
    )
    .action(async (file: string, flags: ImportFlags) => {
      process.exitCode = await runImport(file, flags);
    });
}

function reportCommand(): Command {
  return new Command("report")
    .summary("what the learned policy would have earned")
    .description("Off-policy evaluation of an intervention model against the policy that was logged.")
    .argument("<folder>", "where `outcomes import` keeps them")
    .option("-m, --model <name|folder>", "intervention model", "attune-intervention")
    .option("--seed <n>", "seed of the bootstrap", "0")
    .option("--json", "print the whole result as JSON")
    .action(runReport);
}

/** Lines of a file or of stdin. */
async function* readLines(path: string): AsyncGenerator<Line> {
  try {
    yield* splitLines((path === "-" ? process.stdin : createReadStream(path)) as AsyncIterable<Uint8Array>);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw toAppError(error, `reading ${path}`, missing ? "DATA_NOT_FOUND" : "FILE_SYSTEM");
  }
}

async function runImport(file: string, flags: ImportFlags): Promise<number> {
  const { parseOutcomeLine, parseStateLine } = await import("../policy/outcome.js");
  const { importOutcomes } = await import("../policy/outcome-folder.js");
  const states = new Map<string, readonly (number | null)[]>();
  let badStates = 0;
  if (flags.states !== undefined) {
    for await (const line of readLines(flags.states)) {
      if ("text" in line && line.text.trim() === "") continue;
      const parsed =
        "error" in line ? { ok: false as const, issue: line.error.message } : parseStateLine(line.text);
      if (parsed.ok) states.set(parsed.value.stateRef, parsed.value.features);
      else if (badStates++ < issuesShown) tell(`${flags.states}:${line.line}: ${parsed.issue}`);
    }
  }
  async function* parsed(): AsyncGenerator<NumberedLine> {
    for await (const line of readLines(file)) {
      if ("error" in line) {
        const issue = line.error.message.replace(/^line \d+: /, "");
        yield { line: line.line, parsed: { ok: false, issue } };
      } else if (line.text.trim() !== "")
        yield { line: line.line, parsed: parseOutcomeLine(line.text, states) };
    }
  }
  const imported = await importOutcomes(flags.to, parsed());
  for (const { line, issue } of imported.refused.slice(0, issuesShown)) tell(`${file}:${line}: ${issue}`);
  const { length: refused } = imported.refused;
  if (refused > issuesShown) tell(`${refused - issuesShown} more lines were refused`);
  process.stdout.write(`${summarize(imported, flags.to)}\n`);
  return refused > 0 || badStates > 0 ? 2 : 0;
}

function summarize({ added, duplicates, refused }: Imported, folder: string): string {
  const count = (n: number, what: string): string => `${n.toLocaleString("en-US")} ${what}`;
  return `${folder}: ${count(added, "added")}, ${count(duplicates, "there already")}, ${count(refused.length, "refused")}`;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function runReport(folder: string, flags: ReportFlags): Promise<void> {
  const [{ readOutcomes }, { InterventionModel }, { locateModel }, judging, { evaluateOffPolicy }, table] =
    await Promise.all([
      import("../policy/outcome-folder.js"),
      import("../policy/model.js"),
      import("../engine/location.js"),
      import("../evaluation/logged-policy.js"),
      import("../evaluation/off-policy.js"),
      import("../evaluation/off-policy-table.js"),
    ]);
  const seed = parseCount("--seed", flags.seed);
  const outcomes = await readOutcomes(folder);
  const model = await InterventionModel.load(
    locateModel(flags.model, "attune train experiments/intervention.json"),
  );
  try {
    const { cost, features, training } = model.manifest;
    const choices = await judging.judgeLogged(outcomes, { model, cost, features: features.length });
    const result = evaluateOffPolicy(choices, { seed });
    if (flags.json === true) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return;
    }
    process.stdout.write(table.renderOffPolicy(result));
    if (training.source === "logged") {
      tell(
        "The model learned from logged outcomes. Where these rows were among them, all but IPS and SNIPS flatter it: judge by learners it never saw.",
      );
    }
    tell(
      "Guards that look at a learner's moments are left out; what the policy is in doubt about it leaves alone.",
    );
  } finally {
    await model.close();
  }
}
