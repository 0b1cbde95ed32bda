/** @file L-BFGS for small smooth problems: the optimiser of temperatures. */
import { AppError } from "../base/errors.js";

/** A function's value and gradient at a point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: readonly number[];
}

/** Where a minimisation ended. */
export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly iterations: number;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
/** a + s · b */
const along = (a: readonly number[], s: number, b: readonly number[]): number[] =>
  a.map((x, i) => x + s * (b[i] as number));

interface Curvature {
  readonly step: readonly number[];
  readonly change: readonly number[];
}

/** Two-loop recursion: −H · gradient from the latest steps and gradient changes. */
function descentDirection(gradient: readonly number[], memory: readonly Curvature[]): number[] {
  let q = [...gradient];
  const alphas: number[] = [];
  for (const { step, change } of [...memory].reverse()) {
    const alpha = dot(step, q) / dot(step, change);
    alphas.push(alpha);
    q = along(q, -alpha, change);
  }
  const last = memory.at(-1);
  const scale = last ? dot(last.step, last.change) / dot(last.change, last.change) : 1;
  q = q.map((x) => x * scale);
  for (const { step, change } of memory) {
    const beta = dot(change, q) / dot(step, change);
    q = along(q, (alphas.pop() as number) - beta, step);
  }
  return q.map((x) => -x);
}

/**
 * Minimises a smooth function from `start`: ten pairs of memory, backtracking to Armijo's condition.
 * @throws DATA_INVALID where the function is not finite at the start
 * @source Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithms 7.4 and 7.5.
 */
export function minimise(
  evaluate: (point: readonly number[]) => Evaluation,
  start: readonly number[],
  { maxIterations = 100, tolerance = 1e-8 } = {},
): Minimum {
  let point = [...start];
  let current = evaluate(point);
  if (!Number.isFinite(current.value)) {
    throw new AppError(
      "DATA_INVALID",
      `lbfgs: expected a finite value at the start, got ${current.value}; check the data`,
    );
  }
  const memory: Curvature[] = [];
  let iterations = 0;
  while (iterations < maxIterations && Math.max(...current.gradient.map(Math.abs)) > tolerance) {
    const direction = descentDirection(current.gradient, memory);
    const slope = dot(current.gradient, direction);
    // The very first step has no curvature to scale it: a length of at most 1 keeps it in the neighbourhood.
    let stride = memory.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(direction, direction)));
    let next = evaluate(along(point, stride, direction));
    while (!(next.value <= current.value + 1e-4 * stride * slope) && stride > 1e-12) {
      stride /= 2;
      next = evaluate(along(point, stride, direction));
    }
    if (!(next.value < current.value)) break;
    const step = direction.map((x) => x * stride);
    const change = along(next.gradient, -1, current.gradient);
    if (dot(step, change) > 1e-16) memory.push({ step, change });
    if (memory.length > 10) memory.shift();
    point = along(point, stride, direction);
    current = next;
    iterations++;
  }
  return { point, value: current.value, iterations };
}
