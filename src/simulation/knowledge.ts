/** @file Knowledge tracing as a generator: what is known, what is answered rightly, what is learned. */

/** log(p / (1 − p)), p in (0, 1). */
export function logit(p: number): number {
  return Math.log(p / (1 - p));
}

/** 1 / (1 + e^−x). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * p(correct) = p(L)(1 − p(S)) + (1 − p(L)) p(G).
 * @param known p(L), [0, 1]
 * @source Corbett & Anderson, "Knowledge tracing: modeling the acquisition of procedural knowledge", 1995.
 */
export function correctProbability(known: number, guess: number, slip: number): number {
  return known * (1 - slip) + (1 - known) * guess;
}

/**
 * p(L) after a chance to learn: p(L) + (1 − p(L)) p(T).
 * The simulator keeps p(L) itself as the degree to which a skill is known, so that answers follow the curve of knowledge
 * tracing, while learning carries no noise of its own.
 * @source Corbett & Anderson 1995.
 */
export function learn(known: number, rate: number): number {
  return known + (1 - known) * rate;
}

const inside = (p: number): number => Math.min(0.99, Math.max(0.01, p));

/** The p(L) under which answers have an accuracy; kept within [.01, .99]. */
export function fractionKnown(accuracy: number, guess: number, slip: number): number {
  return inside((accuracy - guess) / (1 - slip - guess));
}

/** The p(T) under which accuracy grows by `gain` at a practice from `known`: gain / ((1 − p(L))(1 − p(S) − p(G))). */
export function learningRate(gain: number, known: number, guess: number, slip: number): number {
  return inside(gain / ((1 - known) * (1 - slip - guess)));
}
