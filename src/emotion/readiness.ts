/** @file Readiness to learn: a score in [0, 1] and the five states it is read as. */

/** States from least to most ready, with the lowest score of each. */
export const readinessStates = [
  { state: "not_ready", from: 0 },
  { state: "low_readiness", from: 0.2 },
  { state: "moderate_readiness", from: 0.4 },
  { state: "high_readiness", from: 0.6 },
  { state: "optimal_readiness", from: 0.8 },
] as const;

/** One of the five states. */
export type ReadinessState = (typeof readinessStates)[number]["state"];

/**
 * The state a score is read as.
 * @param score in [0, 1]
 * @source taxonomy/annotation-guide.md
 */
export function readinessState(score: number): ReadinessState {
  let state: ReadinessState = "not_ready";
  for (const entry of readinessStates) if (score >= entry.from) state = entry.state;
  return state;
}
