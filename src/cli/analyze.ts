/** @file `attune analyze`: one message for a person or a program, or files of millions. */
import { once } from "node:events";
import { Command, InvalidArgumentError, Option } from "commander";
import { AppError } from "../base/errors.js";
import type { EmotionEngine } from "../engine/engine.js";
import type { InputFormat } from "./messages.js";
import { colorsFor } from "./terminal.js";

interface AnalyzeFlags {
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly input?: string;
  readonly as?: InputFormat;
  readonly column: string;
  readonly format: "jsonl" | "table";
  readonly model?: string;
  readonly device?: string;
  readonly threads?: number;
}

/** The command. */
export function analyzeCommand(): Command {
  return new Command("analyze")
    .summary("analyse a message, or a file of them")
    .description(
      "Says which emotion a message shows, how ready its writer is to learn and what help is called for.",
    )
    .argument("[text...]", "the message")
    .option("--json", "print the whole analysis as JSON")
    .option("--explain", "also say which words moved the decision")
    .option("-i, --input <file>", "analyse the messages of a .jsonl, .csv or .txt file, or of stdin with -")
    .addOption(
      new Option("--as <kind>", "how the input is written, where its name does not say").choices([
        "jsonl",
        "csv",
        "txt",
      ]),
    )
    .option("--column <name>", "CSV column or JSON field that holds the text", "text")
    .addOption(
      new Option("-f, --format <kind>", "results of --input: JSON Lines for programs, a table for people")
        .choices(["jsonl", "table"])
        .default("jsonl"),
    )
    .option("-m, --model <name|folder>", "shipped model or model folder (default: attune-small)")
    .option("--device <name>", "ONNX Runtime execution provider: cpu, cuda, dml, coreml … (default: cpu)")
    .option("--threads <n>", "threads the model may use (default: all cores)", parseCount)
    .addHelpText(
      "after",
      `
Examples:
  $ attune analyze "I've tried this five times and it still won't run"
  $ attune analyze --explain "I can't do fractions, everybody else gets it"
  $ attune analyze --json "finally!" | jq .primaryEmotion
  $ attune analyze --input messages.csv --column message > results.jsonl
  $ cat chat.txt | attune analyze --input - --format table

With --input every line (in CSV: every record) gives one result, in order, on stdout:
  {"line":1,"id":"a7","primaryEmotion":"frustration","confidence":0.81,…}
  {"line":2,"error":{"code":"INPUT_EMPTY","message":"…"}}

Exit codes: 0 all well; 2 wrong use, or some messages could not be analysed (the others are);
3 the input cannot be read; 4 the model cannot be used; 6 the machine cannot run it.`,
    )
    .action(async (words: readonly string[], flags: AnalyzeFlags) => {
      const text = words.join(" ");
      if (words.length > 0 === (flags.input !== undefined)) {
        throw new AppError(
          "USAGE",
          "analyze: expected either a text or --input, got " +
            `${words.length > 0 ? "both" : "neither"}; write attune analyze "I don't get it", or attune analyze --input FILE`,
        );
      }
      const { EmotionEngine } = await import("../engine/engine.js");
      const { model, device, threads } = flags;
      const engine = await EmotionEngine.load({ model, device, threads });
      try {
        if (flags.input === undefined) await analyzeOne(engine, text, flags);
        else await analyzeInput(engine, flags.input, flags);
      } finally {
        await engine.close();
      }
    });
}

function parseCount(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError("expected a whole number of 1 or more");
}

async function analyzeOne(engine: EmotionEngine, text: string, flags: AnalyzeFlags): Promise<void> {
  const analysis = await engine.analyze(text, { explain: flags.explain });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(analysis)}\n`);
    return;
  }
  const { drawCard } = await import("./card.js");
  process.stdout.write(drawCard(text, analysis, colorsFor(process.stdout)));
}

async function analyzeInput(engine: EmotionEngine, path: string, flags: AnalyzeFlags): Promise<void> {
  const [{ openMessages }, { analyzeMessages, toJsonLine }, { drawTableHead, drawTableRow }] =
    await Promise.all([import("./messages.js"), import("./bulk.js"), import("./card.js")]);
  const source = await openMessages(path, { format: flags.as, column: flags.column });
  const progress = await openProgress(source.totalBytes);
  const colors = colorsFor(process.stdout);
  const asTable = flags.format === "table" && !flags.json;
  const startedAt = Date.now();
  let done = 0;
  let failed = 0;
  try {
    if (asTable) process.stdout.write(drawTableHead(colors));
    for await (const outcome of analyzeMessages(source.messages, engine, { explain: flags.explain })) {
      done++;
      const { message } = outcome;
      if ("error" in outcome) failed++;
      if (!asTable) await write(toJsonLine(outcome));
      else if ("error" in outcome) {
        const { code, message: reason } = outcome.error;
        await write(colors.red(`${String(message.line).padEnd(6)} error ${code}: ${reason}\n`));
      } else
        await write(drawTableRow(message.line, String("text" in message && message.text), outcome.analysis));
      progress?.update(source.totalBytes > 0 ? source.readBytes() : done, {
        messages: done,
        "messages/s": Math.round(done / Math.max((Date.now() - startedAt) / 1000, 0.001)),
        failed,
      });
    }
  } finally {
    progress?.stop();
  }
  if (failed > 0) process.exitCode = 2;
}

/** Waits where the reader is slower than we are, so that results do not pile up in memory. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Progress on stderr, unless the results themselves scroll by on the same terminal. */
async function openProgress(totalBytes: number) {
  if (process.stdout.isTTY && process.stderr.isTTY) return undefined;
  const { createProgress } = await import("./progress.js");
  const format = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return createProgress({ label: "analyze", total: totalBytes, ...(totalBytes > 0 ? { format } : {}) });
}
