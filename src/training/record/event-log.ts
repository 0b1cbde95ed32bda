/** @file The run's diary: one JSON object a line, appended as things happen, read by the run page and by people's own tools. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { toAppError } from "../../base/errors.js";

const step = z.int().nonnegative();
const figure = z.number();
const figures = z.record(z.string(), figure);
/** When, in milliseconds since 1970. */
const at = z.number();

const eventSchema = z.discriminatedUnion("type", [
  /** A run begins, or goes on from `step`. */
  z.object({
    type: z.literal("start"),
    at,
    step,
    totalSteps: step,
    stepsPerEpoch: step,
    /** The experiment with its defaults. */
    experiment: z.record(z.string(), z.unknown()),
    /** Rows, parameters, versions, machine: whatever is worth keeping, by name. */
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  z.object({
    type: z.literal("step"),
    at,
    step,
    /** Epochs done, with fraction. */
    epoch: z.number(),
    loss: figure,
    /** By head, before weighting. */
    losses: figures,
    learningRate: z.object({ encoder: figure, heads: figure }),
    gradientNorm: figure,
    examplesPerSecond: figure,
    tokensPerSecond: figure,
  }),
  z.object({ type: z.literal("evaluation"), at, step, figures, best: z.boolean() }),
  z.object({ type: z.literal("checkpoint"), at, step, path: z.string(), milliseconds: figure }),
  z.object({
    type: z.literal("end"),
    at,
    step,
    reason: z.enum(["finished", "early-stopping", "interrupted"]),
    seconds: figure,
  }),
  /** Something to know about that does not stop the run. */
  z.object({ type: z.literal("warning"), at, step, message: z.string() }),
  z.object({ type: z.literal("error"), at, step, code: z.string(), message: z.string() }),
]);

/** Something that happened in a run. */
export type TrainingEvent = z.output<typeof eventSchema>;

/** One kind of event. */
export type EventOf<T extends TrainingEvent["type"]> = Extract<TrainingEvent, { type: T }>;

/** A line that is no event. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** Path of a run's event log. */
export function eventLogPath(folder: string): string {
  return join(folder, "events.jsonl");
}

/**
 * Reads an event log. Lines that are no events are listed, not dropped in silence; a last line without its line feed is
 * what a killed process leaves and is listed too.
 * @throws FILE_SYSTEM; a log that is not there has no events
 */
export function readEvents(folder: string): { readonly events: TrainingEvent[]; readonly bad: BadLine[] } {
  const text = readText(eventLogPath(folder));
  const events: TrainingEvent[] = [];
  const bad: BadLine[] = [];
  const lines = text.split("\n");
  lines.forEach((content, i) => {
    if (content.trim() === "") return;
    const parsed = parseLine(content, i === lines.length - 1);
    if (typeof parsed === "string") bad.push({ line: i + 1, reason: parsed });
    else events.push(parsed);
  });
  return { events, bad };
}

/** An event, or the reason why the line is none. */
function parseLine(content: string, unfinished: boolean): TrainingEvent | string {
  if (unfinished) return "expected a whole line, got one cut off";
  try {
    const parsed = eventSchema.safeParse(JSON.parse(content));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `expected an event, got ${issue?.path.join(".") || "a line"}: ${issue?.message ?? "unreadable"}`;
  } catch (error) {
    return `expected JSON, got ${(error as SyntaxError).message}`;
  }
}

/** An open event log. */
export class EventLog {
  readonly #path: string;
  readonly #file: number;

  /**
   * Opens the log of a run's folder.
   * @param resumedStep a run that goes on from a checkpoint: what was written after this step is removed, as it will
   * happen again; 0 begins a new log
   * @throws FILE_SYSTEM, DISK_FULL
   */
  constructor(folder: string, resumedStep: number) {
    this.#path = eventLogPath(folder);
    try {
      if (existsSync(this.#path))
        truncateSync(this.#path, resumedStep === 0 ? 0 : keptBytes(this.#path, resumedStep));
      this.#file = openSync(this.#path, "a");
    } catch (error) {
      throw toAppError(error, `opening ${this.#path}`, "FILE_SYSTEM");
    }
  }

  /**
   * Adds an event with the present time. Numbers that are not finite are refused: JSON has none.
   * @throws DISK_FULL, FILE_SYSTEM, INTERNAL
   */
  append(event: Undated): void {
    const dated = eventSchema.safeParse({ ...event, at: Date.now() });
    if (!dated.success) throw toAppError(dated.error, `event ${event.type}`);
    const line = Buffer.from(`${JSON.stringify(dated.data)}\n`);
    try {
      for (let done = 0; done < line.length; ) done += writeSync(this.#file, line, done);
    } catch (error) {
      throw toAppError(error, `writing ${this.#path}`, "FILE_SYSTEM");
    }
  }

  /** Waits until everything is on the disk, and closes. */
  close(): void {
    try {
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }
}

/** An event without its time. */
export type Undated = { [T in TrainingEvent["type"]]: Omit<EventOf<T>, "at"> }[TrainingEvent["type"]];

/** Bytes up to the first line that is later than `step` or cannot be read. */
function keptBytes(path: string, step: number): number {
  let bytes = 0;
  const lines = readText(path).split("\n");
  for (const [i, content] of lines.entries()) {
    const event = content === "" ? "expected an event" : parseLine(content, i === lines.length - 1);
    if (typeof event === "string" || event.step > step) break;
    bytes += Buffer.byteLength(content) + 1;
  }
  return bytes;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
  }
}
