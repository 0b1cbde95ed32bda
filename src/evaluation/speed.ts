/** @file What one message and a batch of messages cost, through the engine as users call it. */
import type { Analysis } from "../emotion/analysis.js";
import { quantile } from "../metrics/bootstrap.js";
import type { Latency, SpeedFigures } from "./result.js";

/** What timing needs of an engine. */
export interface TimedEngine {
  analyze(text: string): Promise<Analysis>;
  analyze(texts: readonly string[]): Promise<readonly Analysis[]>;
  close(): Promise<void>;
}

/** About 20 tokens: an ordinary message. */
export const timedMessage =
  "I have read this chapter three times and I still don't get why the sign has to flip.";

const warmUps = 20;
const runs = 200;
const batchMessages = 1024;

async function timeOne(engine: TimedEngine): Promise<Latency> {
  const elapsed: number[] = [];
  for (let run = -warmUps; run < runs; run++) {
    const startedAt = performance.now();
    await engine.analyze(timedMessage);
    if (run >= 0) elapsed.push(performance.now() - startedAt);
  }
  const sorted = Float64Array.from(elapsed).sort();
  return { p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
}

/**
 * Times one message warm on one and two threads (20 runs unmeasured, 200 measured), and a batch on two.
 * @param load loads the model on a number of threads
 * @param texts messages to draw the batch from; the timed message where there are none
 */
export async function measureSpeed(
  load: (threads: number) => Promise<TimedEngine>,
  texts: readonly string[],
): Promise<SpeedFigures> {
  const single = await load(1);
  let oneThread: Latency;
  try {
    oneThread = await timeOne(single);
  } finally {
    await single.close();
  }
  const engine = await load(2);
  try {
    const twoThreads = await timeOne(engine);
    const pool = texts.length > 0 ? texts : [timedMessage];
    const batch = Array.from({ length: batchMessages }, (_, i) => pool[i % pool.length] as string);
    const startedAt = performance.now();
    await engine.analyze(batch);
    const seconds = (performance.now() - startedAt) / 1000;
    const { tokens } = (await engine.analyze(timedMessage)).input;
    return {
      tokens,
      runs,
      oneThread,
      twoThreads,
      batch: { messages: batchMessages, messagesPerSecond: batchMessages / seconds, threads: 2 },
    };
  } finally {
    await engine.close();
  }
}
