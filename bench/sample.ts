/** @file Timed samples and what is said of them. */
import { quantile as quantileOfSorted } from "../src/metrics/bootstrap.js";

/** The value below which the share `q` of the samples lies. */
export const quantile = (samples: readonly number[], q: number): number =>
  quantileOfSorted(Float64Array.from(samples).sort(), q);

/** The middle sample. */
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Milliseconds that `work` takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Milliseconds of `runs` runs of `work`, one after the other. */
export async function timeRuns(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) samples.push(await time(work));
  return samples;
}

/** Something that is timed against others in turn. */
export interface Contender {
  readonly name: string;
  /** Runs `runs` times; returns the milliseconds of each. */
  measure(runs: number): Promise<number[]>;
}

/** Samples of one contender, round by round. */
export type Rounds = readonly (readonly number[])[];

/**
 * Times contenders in turn, A B C A B C …, so that a machine that slows down or speeds up meanwhile does so for all.
 * @param runs runs in each round, after `warmUps` runs of each that do not count
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, runs, warmUps }: { readonly rounds: number; readonly runs: number; readonly warmUps: number },
): Promise<ReadonlyMap<string, Rounds>> {
  const samples = new Map<string, number[][]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await contender.measure(warmUps);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) samples.get(contender.name)?.push(await contender.measure(runs));
  }
  return samples;
}

/** How many times as long `b` took as `a`: the median over rounds of the ratio of the rounds' medians. */
export function ratio(a: Rounds, b: Rounds): number {
  return median(a.map((round, i) => median(b[i] ?? []) / median(round)));
}
