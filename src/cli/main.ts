/** @file The command line: finds the command, runs it, and turns whatever happens into one line and an exit code. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { AppError, toAppError } from "../base/errors.js";

/** Commands by name. Each is loaded only when it is called for, so that help and a single analysis start fast. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  analyze: {
    summary: "analyse a message, or a file of them",
    load: async () => (await import("./analyze.js")).analyzeCommand(),
  },
  trajectory: {
    summary: "tell where a learner is heading, from their messages",
    load: async () => (await import("./trajectory.js")).trajectoryCommand(),
  },
  train: {
    summary: "train a model from an experiment file",
    load: async () => (await import("./train.js")).trainCommand(),
  },
  evaluate: {
    summary: "measure a model on test data",
    load: async () => (await import("./evaluate.js")).evaluateCommand(),
  },
  calibrate: {
    summary: "fit a model's calibration on validation data",
    load: async () => (await import("./calibrate.js")).calibrateCommand(),
  },
  export: {
    summary: "make a model folder of a training run",
    load: async () => (await import("./export.js")).exportCommand(),
  },
  label: {
    summary: "ask a teacher about the training texts, for distillation",
    load: async () => (await import("./label.js")).labelCommand(),
  },
  fetch: {
    summary: "get public data and base encoders",
    load: async () => (await import("./fetch.js")).fetchCommand(),
  },
  models: {
    summary: "list the models at hand",
    load: async () => (await import("./models.js")).modelsCommand(),
  },
  simulate: {
    summary: "compare policies on simulated learners",
    load: async () => (await import("./simulate.js")).simulateCommand(),
  },
  outcomes: {
    summary: "bring in logged outcomes, judge the learned policy by them",
    load: async () => (await import("./outcomes.js")).outcomesCommand(),
  },
  demo: {
    summary: "show Attune at work, then analyse what you type",
    load: async () => (await import("./demo.js")).demoCommand(),
  },
};

const overview = `
Examples:
  $ attune analyze "I finally get it!"
  $ attune analyze --input messages.jsonl > results.jsonl
  $ attune help analyze

Exit codes:
  0  all well
  1  a bug of ours (INTERNAL)
  2  wrong use, or input that cannot be analysed (USAGE, CONFIG_INVALID, INPUT_…)
  3  data cannot be found, fetched or read (DATA_…, FETCH_…)
  4  the model cannot be used (MODEL_…, WEIGHTS_MISMATCH, TOKENIZER_INVALID)
  5  training or its graph failed (TRAINING_DIVERGED, CHECKPOINT_…, GRAPH_…)
  6  the machine fell short (OUT_OF_MEMORY, DISK_FULL, FILE_SYSTEM, PROVIDER_UNAVAILABLE, RUNTIME_FAILED)
  7  a gate was not met (GATE_NOT_MET)

Environment: NO_COLOR=1 switches colours off; ATTUNE_DEBUG=1 prints the stack of an error.`;

/**
 * Runs the command line. Errors are told on stderr as `error CODE: message`.
 * @param argv arguments after the program's name
 * @returns the exit code
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  // Whoever read our output has seen enough (`attune … | head`): that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    const args = normalizeHelp(argv);
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(toAppError(error, "attune"));
  }
}

/** `attune` alone is a call for help, and `help x` is `x --help`; a mistyped `x` is answered as one. */
function normalizeHelp(argv: readonly string[]): readonly string[] {
  const [first = "--help", second, ...rest] = argv;
  if (first !== "help") return [first, ...argv.slice(1)];
  if (second === undefined) return ["--help"];
  return Object.hasOwn(commands, second) ? [second, "--help", ...rest] : [second];
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("attune")
    .description("Reads how a learner feels and what would help, from what they write.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", overview);
  for (const [name, { summary, load }] of Object.entries(commands)) {
    program.addCommand(name === argv[0] ? await load() : new Command(name).summary(summary));
  }
  for (const command of [program, ...listDescendants(program)]) {
    command
      .exitOverride()
      .helpOption("-h, --help", "show this help")
      .showHelpAfterError(`See: ${pathOf(command)} --help`)
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "error USAGE: ")) });
  }
  return program;
}

function listDescendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...listDescendants(child)]);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function report(error: AppError): number {
  process.stderr.write(`error ${error.code}: ${error.message}\n`);
  if (process.env.ATTUNE_DEBUG === "1") {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${cause.stack ?? cause.message}\n`);
    }
  } else if (error.code === "INTERNAL") {
    process.stderr.write(
      "This is a bug of ours; run again with ATTUNE_DEBUG=1 and send us what it prints.\n",
    );
  }
  return error.exit;
}

/** The package's version; the built file lies in `dist/src/cli`. */
function readVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown };
  if (typeof version !== "string")
    throw new AppError("INTERNAL", "package.json: expected a version, got none");
  return version;
}
