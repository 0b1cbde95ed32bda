/** @file Many messages through the engine: results in order, a bad message is a record of its own, memory stays flat. */
import type { AppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import type { AnalyzeOptions, EmotionEngine } from "../engine/engine.js";
import type { Message } from "./message.js";

/** What became of one message. */
export type Outcome = { readonly message: Message } & (
  | { readonly analysis: Analysis }
  | { readonly error: AppError }
);

/** What bulk work needs of an engine. */
export type BulkEngine = Pick<EmotionEngine, "analyzeSettled">;

/** Messages handed to the engine at once, and how many such batches are under way; together they bound memory. */
const batchSize = 64;
const batchesInFlight = 2;

/** Outcomes in the order of the messages. The source is read no faster than outcomes are taken. */
export async function* analyzeMessages(
  messages: AsyncIterable<Message>,
  engine: BulkEngine,
  options: AnalyzeOptions = {},
): AsyncGenerator<Outcome> {
  const underway: Promise<Outcome[]>[] = [];
  const start = (batch: readonly Message[]): void => {
    const outcomes = analyzeBatch(batch, engine, options);
    // It is awaited in its turn; until then a failure must not count as unhandled.
    outcomes.catch(() => undefined);
    underway.push(outcomes);
  };
  let batch: Message[] = [];
  for await (const message of messages) {
    batch.push(message);
    if (batch.length < batchSize) continue;
    start(batch);
    batch = [];
    if (underway.length >= batchesInFlight) yield* (await underway.shift()) ?? [];
  }
  if (batch.length > 0) start(batch);
  for (const outcomes of underway) yield* await outcomes;
}

async function analyzeBatch(
  batch: readonly Message[],
  engine: BulkEngine,
  options: AnalyzeOptions,
): Promise<Outcome[]> {
  const readable = batch.flatMap((message) => ("error" in message ? [] : [message]));
  // The engine checks each text itself and answers a wrong one with its error.
  const settled = await engine.analyzeSettled(
    readable.map(({ text }) => text as string),
    options,
  );
  let next = 0;
  return batch.map((message) => {
    if ("error" in message) return { message, error: message.error };
    const result = settled[next++] as (typeof settled)[number];
    return result.ok ? { message, analysis: result.analysis } : { message, error: result.error };
  });
}

/** An outcome as a line of JSON Lines, newline included. */
export function toJsonLine({ message, ...outcome }: Outcome): string {
  const { line, id } = message;
  const named = id === undefined ? { line } : { line, id };
  const record =
    "error" in outcome
      ? { ...named, error: { code: outcome.error.code, message: outcome.error.message } }
      : { ...named, ...outcome.analysis };
  return `${JSON.stringify(record)}\n`;
}
