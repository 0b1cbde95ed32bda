/** @file The parts of an evaluation, by name: light to import, so that a command line can list them at once. */

/** Parts that can be measured by themselves. */
export const evaluationParts = [
  "goemotions",
  "learner",
  "emobank",
  "people",
  "challenges",
  "speed",
  "edges",
] as const;

/** A part that can be measured by itself. */
export type EvaluationPart = (typeof evaluationParts)[number];
