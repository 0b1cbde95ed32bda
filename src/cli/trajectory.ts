/** @file `attune trajectory`: where one learner is heading, from a file of their messages or stored moments. */
import { readFile, writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { AppError, toAppError } from "../base/errors.js";
import { parseTransitionModel, TransitionPredictor } from "../trajectory/transition-model.js";
import type { InputFormat } from "./messages.js";
import { type Colors, colorsFor, humanize, shorten } from "./terminal.js";
import { writeSlope } from "./trajectory-chart.js";
import type { LookedAt } from "./trajectory-rows.js";

interface TrajectoryFlags {
  readonly json?: boolean;
  readonly html?: string;
  readonly svg?: string;
  readonly as?: InputFormat;
  readonly column: string;
  readonly window: number;
  readonly alpha: number;
  readonly transitions?: string;
  readonly model?: string;
  readonly device?: string;
  readonly measure?: boolean;
  readonly learn?: string;
}

/** Learned on simulated learners; the built file lies in `dist/src/cli`. */
const simulatedTransitions = new URL("../../../data/transitions/simulated.json", import.meta.url);

/** The command. */
export function trajectoryCommand(): Command {
  return new Command("trajectory")
    .summary("tell where a learner is heading, from their messages")
    .description(
      "Reads the messages of one learner in order of time and says whether they are improving, declining, recovering, volatile or stable.",
    )
    .argument("[file]", "messages as .jsonl, .csv or .txt, stored moments as .jsonl, or - for stdin")
    .option("--json", "print a line of JSON for each message and one for the trajectory")
    .option("--html <file>", "write a page with the picture and every message")
    .option("--svg <file>", "write the picture")
    .addOption(
      new Option("--as <kind>", "how the input is written, where its name does not say").choices([
        "jsonl",
        "csv",
        "txt",
      ]),
    )
    .option("--column <name>", "CSV column or JSON field that holds the text", "text")
    .option("--window <n>", "last messages looked at, 5 to 512", parseNumber, 64)
    .option(
      "--alpha <p>",
      "how often a session whose order says nothing is given a course",
      parseNumber,
      0.05,
    )
    .option(
      "--transitions <file>",
      "learned transitions that tell the next emotion (default: from simulated learners)",
    )
    .option("-m, --model <name|folder>", "shipped model or model folder (default: attune-small)")
    .option("--device <name>", "ONNX Runtime execution provider (default: cpu)")
    .option("--measure", "measure error rates and power on simulated series instead, about a minute")
    .option("--learn <file>", "learn transitions on simulated learners instead, and write them to a file")
    .addHelpText(
      "after",
      `
Examples:
  $ attune trajectory session.jsonl
  $ attune trajectory session.jsonl --html session.html
  $ attune trajectory export.csv --column message --json > states.jsonl
  $ attune trajectory --measure

Each line may say when it was: {"at":"2026-03-02T09:00:00Z","text":"…"}, or ms since 1970; either all do or none.

Exit codes: 0 all well; 2 wrong use, or some lines could not be read (the others are);
3 the input cannot be read; 4 the model cannot be used.`,
    )
    .action(async (file: string | undefined, flags: TrajectoryFlags) => {
      if (flags.measure) return measure();
      if (flags.learn !== undefined) return learn(flags.learn);
      if (file === undefined) {
        throw new AppError(
          "USAGE",
          "trajectory: expected a file of messages, got none; write attune trajectory session.jsonl",
        );
      }
      await describe(file, flags);
    });
}

function parseNumber(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("expected a number");
}

async function measure(): Promise<void> {
  const { measureTrajectory, writeTrajectoryFigures } = await import("../evaluation/trajectory-report.js");
  process.stdout.write(writeTrajectoryFigures(measureTrajectory()));
}

async function learn(path: string): Promise<void> {
  const { learnTransitions } = await import("../evaluation/trajectory-report.js");
  await writeText(path, `${JSON.stringify(learnTransitions())}\n`);
}

async function describe(file: string, flags: TrajectoryFlags): Promise<void> {
  const [{ openMessages }, { readSession }, { lookAtSession }] = await Promise.all([
    import("./messages.js"),
    import("./session.js"),
    import("./trajectory-rows.js"),
  ]);
  const transitions = await readTransitions(flags.transitions);
  const source = await openMessages(file, { format: flags.as, column: flags.column });
  const { model, device } = flags;
  let close = async (): Promise<void> => undefined;
  try {
    const session = await readSession(source.messages, async () => {
      const { EmotionEngine } = await import("../engine/engine.js");
      const engine = await EmotionEngine.load({ model, device });
      close = () => engine.close();
      return engine;
    });
    const looked = lookAtSession(
      session,
      { window: flags.window, alpha: flags.alpha },
      new TransitionPredictor(transitions),
    );
    process.stdout.write(
      flags.json ? writeJson(looked) : drawTable(looked, transitions.source, colorsFor(process.stdout)),
    );
    await writePictures(looked, flags);
    if (looked.errors.length > 0) process.exitCode = 2;
  } finally {
    await close();
  }
}

async function readTransitions(path: string | undefined) {
  const file = path ?? simulatedTransitions;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw toAppError(error, `--transitions ${path ?? file}`, "DATA_NOT_FOUND");
  }
  try {
    return parseTransitionModel(JSON.parse(text), `--transitions ${path ?? file}`);
  } catch (error) {
    throw toAppError(error, `--transitions ${path ?? file}`, "DATA_INVALID");
  }
}

async function writePictures(looked: LookedAt, { html, svg }: TrajectoryFlags): Promise<void> {
  if (html === undefined && svg === undefined) return;
  const [{ drawTrajectory }, { renderTrajectoryPage }, { toPicture }] = await Promise.all([
    import("./trajectory-chart.js"),
    import("./trajectory-page.js"),
    import("../evaluation/drawing.js"),
  ]);
  const chart = drawTrajectory(looked, looked.trajectory);
  if (html !== undefined) await writeText(html, renderTrajectoryPage(looked, chart));
  if (svg !== undefined) await writeText(svg, toPicture(chart));
}

async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw toAppError(error, `trajectory: writing ${path}`, "FILE_SYSTEM");
  }
}

/** A record for each line of the input, in order of time, errors first, then the trajectory; unbounded limits are `null`. */
function writeJson({ rows, errors, trajectory }: LookedAt): string {
  const records = [
    ...errors.map(({ error, ...named }) => ({
      ...named,
      error: { code: error.code, message: error.message },
    })),
    ...rows.map(({ entry: { text: _, reading, ...named }, emotion, state, next }) => {
      const [pleasure, arousal, dominance] = reading.pad;
      const pad = { pleasure, arousal, dominance };
      return { ...named, emotion, pad, readiness: reading.readiness, state, next };
    }),
    { trajectory },
  ];
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

const columns = [9, 20, 15, 6, 16, 26];

/** What people see: a row for each message, then the trajectory. */
function drawTable(looked: LookedAt, source: string, { bold, dim, red }: Colors): string {
  const toRow = (cells: readonly string[], text: string): string =>
    `${cells.map((cell, i) => cell.padEnd(columns[i] as number)).join(" ")} ${text}`;
  const { trajectory, clock } = looked;
  const head = [
    clock === "time" ? "time" : "message",
    "emotion",
    "P    A    D",
    "ready",
    "state",
    "next, most likely",
  ];
  const lines = looked.rows.map(({ entry, time, emotion, state, next: [next] }) =>
    toRow(
      [
        time,
        humanize(emotion),
        entry.reading.pad.map((axis) => axis.toFixed(2)).join(" "),
        entry.reading.readiness.toFixed(2),
        state,
        next === undefined ? "" : `${humanize(next.emotion)} ${Math.round(100 * next.probability)} %`,
      ],
      dim(shorten(entry.text ?? "", 50)),
    ),
  );
  const evidence = trajectory.tests.find(({ course }) => course === trajectory.state);
  const why =
    evidence === undefined ? "" : ` (p = ${evidence.pValue.toPrecision(2)}, at most ${trajectory.level})`;
  return [
    bold(toRow(head, "text")),
    ...looked.errors.map(({ line, error }) => red(`line ${line} error ${error.code}: ${error.message}`)),
    ...lines,
    "",
    `${bold(trajectory.state)}${why}`,
    `valence ${writeSlope(trajectory, "valence")}, readiness ${writeSlope(trajectory, "readiness")}`,
    ...looked.ongoing,
    dim(`next emotion: learned from ${source}`),
    "",
  ].join("\n");
}
