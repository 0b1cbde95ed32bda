/** @file The messages or stored moments of one learner out of a file, read by the engine and put in order of time. */
import { AppError, toAppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { momentFromJson } from "../history/moment-json.js";
import type { AffectReading } from "../trajectory/series.js";
import { analyzeMessages, type BulkEngine } from "./bulk.js";
import type { Message } from "./message.js";

/** A message or moment with its place in the file. */
export interface SessionEntry {
  readonly line: number;
  readonly id?: string | number;
  /** ms since 1970; without a clock 0, 1, 2 … in the file's order. */
  readonly at: number;
  /** The text, where there is one. */
  readonly text?: string;
  readonly reading: AffectReading;
}

/** What could not be read. */
export interface SessionError {
  readonly line: number;
  readonly id?: string | number;
  readonly error: AppError;
}

/** A session read. */
export interface Session {
  /** In order of time; those of the same time in the file's order. */
  readonly entries: readonly SessionEntry[];
  /** In the file's order. */
  readonly errors: readonly SessionError[];
  /** Whether any line said when it was; then every line has to. */
  readonly clock: "time" | "index";
}

/**
 * Reads a session. A line that cannot be read is an error of its own; the others are read.
 * @param load loads the engine; not called where every line is a stored moment
 * @throws whatever loading the engine throws, or reading the source
 */
export async function readSession(
  messages: AsyncIterable<Message>,
  load: () => Promise<BulkEngine>,
): Promise<Session> {
  const all: Message[] = [];
  for await (const message of messages) all.push(message);
  const clock = all.some(({ at }) => at !== undefined) ? "time" : "index";
  const errors: SessionError[] = [];
  const found: Omit<SessionEntry, "at">[] = [];
  const places = new Map(all.map(({ line }, place) => [line, place]));
  const times = new Map<number, number>();
  const texts: Message[] = [];
  for (const message of all) {
    const named = nameOf(message);
    const stored = isStored(message);
    // A line that is no message at all is told for what it is, not for its missing time.
    if ("error" in message && !stored) {
      errors.push({ ...named, error: message.error });
      continue;
    }
    try {
      times.set(message.line, clock === "time" ? readTime(message) : (places.get(message.line) as number));
      if (!stored) {
        texts.push(message);
        continue;
      }
      const { id: _, ...moment } = message.record ?? {};
      const { reading, text } = momentFromJson(
        { ...moment, at: times.get(message.line) },
        `line ${message.line}`,
      );
      if (reading !== undefined) found.push({ ...named, ...(text === undefined ? {} : { text }), reading });
    } catch (error) {
      errors.push({ ...named, error: toAppError(error, `line ${message.line}`) });
    }
  }
  if (texts.length > 0) {
    for await (const outcome of analyzeMessages(iterate(texts), await load())) {
      const { message } = outcome;
      if ("error" in outcome) errors.push({ ...nameOf(message), error: outcome.error });
      else {
        const text = "text" in message ? String(message.text) : "";
        found.push({ ...nameOf(message), text, reading: readingOf(outcome.analysis) });
      }
    }
  }
  return {
    entries: found
      .map((entry) => ({ ...entry, at: times.get(entry.line) as number }))
      .sort((a, b) => a.at - b.at || a.line - b.line),
    errors: errors.sort((a, b) => a.line - b.line),
    clock,
  };
}

/** Whether a line is a moment of a history rather than a message. */
const isStored = ({ record }: Message): boolean =>
  record !== undefined && ["reading", "behavior", "intervention"].some((key) => key in record);

const nameOf = ({ line, id }: Message): { line: number; id?: string | number } =>
  id === undefined ? { line } : { line, id };

async function* iterate(messages: readonly Message[]): AsyncGenerator<Message> {
  yield* messages;
}

function readingOf({ emotions, pad, readiness }: Analysis): AffectReading {
  const emotion = emotionIds.map(() => 0);
  for (const { emotion: id, probability } of emotions) emotion[emotionIndex(id) as number] = probability;
  return { emotion, pad: [pad.pleasure, pad.arousal, pad.dominance], readiness: readiness.score };
}

/** A time with its offset from UTC: without one it would be another time on another machine. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** @throws INPUT_TYPE where a line does not say when it was, or says what is no time */
function readTime({ line, at }: Message): number {
  const text = String(at).trim();
  const time =
    typeof at === "number" || (typeof at === "string" && /^\d+(\.\d+)?$/.test(text))
      ? Number(text)
      : typeof at === "string" && isoTime.test(text)
        ? Date.parse(text)
        : Number.NaN;
  if (Number.isFinite(time) && time >= 0) return time;
  throw new AppError(
    "INPUT_TYPE",
    `line ${line}: expected "at" in ms since 1970 or as 2026-03-02T09:00:00Z, as other lines have it, got ${at === undefined ? "none" : text}; give every line its time, or none`,
  );
}
