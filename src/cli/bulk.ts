/** @file Many messages through the engine: results in order, a bad message is a record of its own, memory stays flat. */
import { AppError, toAppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import type { AnalyzeOptions, EmotionEngine } from "../engine/engine.js";
import { validateText } from "../text/input.js";
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
  const checked = batch.map(checkText);
  const texts = checked.flatMap((text) => (text instanceof AppError ? [] : [text]));
  const settled = await engine.analyzeSettled(texts, options);
  let next = 0;
  return batch.map((message, i) => {
    const text = checked[i] as (typeof checked)[number];
    if (text instanceof AppError) return { message, error: text };
    const result = settled[next++] as (typeof settled)[number];
    return result.ok ? { message, analysis: result.analysis } : { message, error: result.error };
  });
}

/** The text, or what is wrong with it, told by its line (the engine would tell it by its place in the batch). */
function checkText(message: Message): string | AppError {
  if ("error" in message) return message.error;
  const where = `line ${message.line}`;
  try {
    return validateText(message.text, where);
  } catch (error) {
    return toAppError(error, where);
  }
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
