/** @file The smallest program of a platform: a learner's session, what to do about each message, and the right to be forgotten. */
import { EmotionEngine, MemoryHistory } from "attune";

const day = 24 * 3600 * 1000;
const engine = await EmotionEngine.load({ history: new MemoryHistory({ maxAgeMs: 90 * day }) });

const learner = { tenantId: "school-7", learnerId: "k4711" };
const start = Date.now() - 3600 * 1000;
const session = [
  [0, "ok fractions today, I think I can do these", { correct: true, attempts: 1 }],
  [4, "hm wait why does the bottom number change?", { correct: false, attempts: 1, responseTimeMs: 48_000 }],
  [9, "tried it four times and it's STILL wrong, I hate this", { correct: false, attempts: 4, hintsUsed: 2 }],
  [11, "I can't do this, I'm too stupid for math", { correct: false, attempts: 5, bottomOutHints: 1 }],
  [22, "oh, so both have to be cut into pieces of the same size?", { correct: true, attempts: 2 }],
  [27, "YES I got it!! three in a row", { correct: true, attempts: 1, correctStreak: 2 }],
] as const;

for (const [minute, text, behavior] of session) {
  const at = start + minute * 60_000; // given, so that a call sent again counts once
  const context = { subject: "maths", itemId: "fractions-3" };
  const answer = await engine.analyze({ ...learner, text, behavior, context, at });
  const { readiness, trajectory, intervention } = answer.learner;
  console.log(`${String(minute).padStart(2)} min  ${text}`);
  console.log(
    `        ${answer.primaryEmotion}, ${trajectory.state}; readiness ${readiness?.score.toFixed(2)}`,
  );
  console.log(`        next step right: ${readiness?.expectedSuccess.toFixed(2)} (expected)`);
  console.log(`        ${intervention?.explanation}`);
}

const kept = await engine.export(learner); // numbers and times, no text
console.log(`${kept.length} moments kept, ${await engine.forget(learner)} forgotten`);
await engine.close();
