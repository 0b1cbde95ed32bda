/** @file The course behind noisy readings, with a band: a level that wanders as time passes, smoothed forwards and backwards. */
import { quantile } from "../metrics/bootstrap.js";

/** The level at the time of a reading, with its 95 % band, on the readings' own scale. */
export interface SmoothedLevel {
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

/** Wandering of the level over the median gap, as shares of the noise's variance, averaged over by their likelihood. */
const wanderings = [0, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** Degrees of freedom of the readings' noise: heavy tails, so that an odd reading moves the level little. */
const freedom = 4;

/** Rounds of weighting readings by how odd they are. */
const rounds = 5;

/**
 * Local-level model in continuous time, by Kalman filter and Rauch–Tung–Striebel smoother:
 *
 *     level(t + Δ) = level(t) + N(0, q R Δ / median Δ)        reading = level + √R · t₄
 *
 * A long gap lets the level go further than a short one. Levels and bands are means over a grid of q, weighted by
 * likelihood, R the likeliest given q; each reading is weighted by (ν + 1) / (ν + e² / R), the step of
 * expectation–maximisation for noise with t's tails. The band is that of the level, not of the next reading, and takes R
 * as known: with few readings it is too narrow.
 * @param times ascending
 * @source Harvey, "Forecasting, structural time series models and the Kalman filter", 1989; Durbin & Koopman, "Time
 *   series analysis by state space methods", 2012; Lange, Little & Taylor, "Robust statistical modeling using the t
 *   distribution", JASA 84, 1989, for the weights.
 */
export function smoothCourse(times: readonly number[], values: readonly number[]): SmoothedLevel[] {
  const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
  const positive = Float64Array.from(gaps.filter((gap) => gap > 0)).sort();
  const scale = positive.length === 0 ? 1 : quantile(positive, 0.5);
  const steps = gaps.map((gap) => gap / scale);
  const passes = wanderings.map((wandering) => smoothWith(values, steps, wandering));
  const highest = Math.max(...passes.map(({ logLikelihood }) => logLikelihood));
  const shares = passes.map(({ logLikelihood }) => Math.exp(logLikelihood - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return values.map((_, i) => {
    const mean = (read: (pass: Pass) => number): number =>
      passes.reduce((sum, pass, k) => sum + ((shares[k] as number) / total) * read(pass), 0);
    const level = mean(({ levels }) => levels[i] as number);
    const spread = mean(
      ({ levels, variances }) => (variances[i] as number) + ((levels[i] as number) - level) ** 2,
    );
    const reach = 1.959964 * Math.sqrt(spread);
    return { level, low: level - reach, high: level + reach };
  });
}

function smoothWith(values: readonly number[], steps: readonly number[], wandering: number): Pass {
  const weights = new Float64Array(values.length).fill(1);
  let pass = runFilter(values, steps, wandering, weights);
  for (let round = 0; round < rounds; round++) {
    const { levels, noise } = pass;
    levels.forEach((level, i) => {
      weights[i] = (freedom + 1) / (freedom + ((values[i] as number) - level) ** 2 / noise);
    });
    pass = runFilter(values, steps, wandering, weights);
  }
  return pass;
}

interface Pass {
  readonly logLikelihood: number;
  /** Variance of the noise, R. */
  readonly noise: number;
  readonly levels: Float64Array;
  readonly variances: Float64Array;
}

/** Least variance of noise: readings that are all the same have none, and nothing is divided by 0. */
const leastNoise = 1e-8;

/** One forward and one backward pass, all variances as shares of R, which is estimated at the end. */
function runFilter(
  values: readonly number[],
  steps: readonly number[],
  wandering: number,
  weights: Float64Array,
): Pass {
  const n = values.length;
  const [means, spreads, priors] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let squares = 0;
  let logs = 0;
  for (let i = 0; i < n; i++) {
    const observed = 1 / (weights[i] as number);
    if (i === 0) {
      // The first reading tells where the level begins; nothing was known of it before (diffuse).
      means[0] = values[0] as number;
      spreads[0] = observed;
      continue;
    }
    const prior = (spreads[i - 1] as number) + wandering * (steps[i - 1] as number);
    const total = prior + observed;
    const error = (values[i] as number) - (means[i - 1] as number);
    means[i] = (means[i - 1] as number) + (prior / total) * error;
    spreads[i] = prior * (observed / total);
    priors[i] = prior;
    squares += error ** 2 / total;
    logs += Math.log(total);
  }
  const noise = Math.max(leastNoise, squares / Math.max(1, n - 1));
  const levels = means.slice();
  const variances = spreads.slice();
  for (let i = n - 2; i >= 0; i--) {
    const gain = (spreads[i] as number) / (priors[i + 1] as number);
    levels[i] = (means[i] as number) + gain * ((levels[i + 1] as number) - (means[i] as number));
    variances[i] =
      (spreads[i] as number) + gain ** 2 * ((variances[i + 1] as number) - (priors[i + 1] as number));
  }
  return {
    logLikelihood: -0.5 * ((n - 1) * Math.log(noise) + logs),
    noise,
    levels,
    variances: variances.map((variance) => Math.max(0, variance) * noise),
  };
}
