/** @file Measures a readiness model on simulated learners and messages that had no part in training, beside honest baselines. */
import { cpus } from "node:os";
import { AppError } from "../base/errors.js";
import { measureEce } from "../calibration/ece.js";
import { logit } from "../calibration/probability.js";
import { RankedScores } from "../metrics/auc.js";
import { bootstrap, type Figure, quantile } from "../metrics/bootstrap.js";
import { pearson } from "../metrics/correlation.js";
import type { ReadinessAssessment } from "../readiness/assessment.js";
import type { ReadinessQuestion } from "../readiness/model.js";
import type { Voices } from "../simulation/voices.js";
import { fitLogistic, scoreLogistic } from "./logistic-regression.js";
import { type JudgedStep, lastBehavior, simulateSteps, windowBehavior } from "./readiness-steps.js";
import type { Latency } from "./result.js";

/** What an evaluation needs of a readiness model; `ReadinessModel` is one. */
export interface EvaluatedReadiness {
  readonly identity: {
    readonly name: string;
    readonly version: string;
    readonly textModel: { readonly name: string; readonly version: string };
  };
  assess(moments: ReadinessQuestion["moments"], now: number): Promise<ReadinessAssessment>;
  assessAll(questions: readonly ReadinessQuestion[]): Promise<readonly ReadinessAssessment[]>;
}

/** What to evaluate and how. */
export interface ReadinessEvaluationOptions {
  readonly model: EvaluatedReadiness;
  /** Seeds of the learners it learned from: they are refused here. */
  readonly trainedOn: readonly number[];
  /** Test messages, read. */
  readonly voices: Voices;
  readonly seed: number;
  readonly resamples: number;
  /** 1,000 by default. */
  readonly learners?: number;
  /** Steps of a session, 40 by default. */
  readonly steps?: number;
}

/** Scores of success on the next step. `readiness` is the model; the others are baselines, what is left of it, and bounds. */
export const readinessScores = [
  "readiness",
  "textHead",
  "lastBehavior",
  "windowBehavior",
  "withoutText",
  "withoutBehavior",
  "withoutHistory",
  "latentReadiness",
  "trueChance",
] as const;

/** Name of a score. */
export type ReadinessScore = (typeof readinessScores)[number];

/** AUC of each score, intervals over resampled learners. */
export type ReadinessAreas = Readonly<Record<ReadinessScore, Figure>>;

/** What was measured. All learners are simulated. */
export interface ReadinessResult {
  readonly formatVersion: 1;
  readonly learners: "simulated";
  readonly model: EvaluatedReadiness["identity"];
  readonly evaluatedAt: string;
  readonly seed: number;
  readonly cohort: { readonly learners: number; readonly rows: number; readonly successRate: number };
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  /** On every step that another follows. */
  readonly auc: ReadinessAreas;
  /** On steps after which the learner wrote a message. */
  readonly aucAfterMessage: ReadinessAreas & { readonly rows: number };
  /** AUC of readiness less that of the better of the text head and the last behaviour. */
  readonly gain: Figure & { readonly over: "textHead" | "lastBehavior" };
  /** Pearson's r with what is true of the learners. */
  readonly correlation: Readonly<
    Record<"readiness" | "textReadiness" | "engagement" | "cognitiveLoad", number>
  >;
  /** Expected calibration error of `expectedSuccess`, 15 bins of equal mass. */
  readonly expectedSuccessEce: number;
  /** One assessment of a learner with a full session behind them, beyond the text model. */
  readonly latency: Latency;
}

/** Far from any seed a person would train on. */
const seedOffset = 1_000_000;

/**
 * Simulates learners, scores each of their steps and compares.
 * The regressions are fitted on other learners of the same kind, with as many steps.
 * @throws USAGE where the learners would be those it learned from
 */
export async function evaluateReadiness(options: ReadinessEvaluationOptions): Promise<ReadinessResult> {
  const { model, voices, resamples, learners = 1000, steps = 40 } = options;
  const seed = seedOffset + 2 * options.seed;
  for (const one of [seed, seed + 1]) {
    if (!options.trainedOn.includes(one)) continue;
    throw new AppError(
      "USAGE",
      `evaluate: expected learners the model did not learn from, got seed ${one}; give another --seed`,
    );
  }
  const simulate = (cohortSeed: number) =>
    simulateSteps({ learners, steps, seed: cohortSeed, voices, supportShare: 0.2 });
  const judged = simulate(seed);
  const answers = await model.assessAll(judged.steps);
  const fitting = simulate(seed + 1);
  const regress = (featuresOf: typeof lastBehavior): Float64Array => {
    const rows = fitting.steps.map((step) => featuresOf(step, fitting.population));
    const fitted = fitLogistic(
      rows,
      fitting.steps.map(({ success }) => success),
    );
    return Float64Array.from(judged.steps, (step) =>
      scoreLogistic(fitted, featuresOf(step, fitting.population)),
    );
  };
  const scores: Record<ReadinessScore, Float64Array> = {
    readiness: Float64Array.from(answers, ({ score }) => score),
    textHead: Float64Array.from(judged.steps, scoreText),
    lastBehavior: regress(lastBehavior),
    windowBehavior: regress(windowBehavior),
    withoutText: await scoreWithout(model, judged.steps, "text"),
    withoutBehavior: await scoreWithout(model, judged.steps, "behavior"),
    withoutHistory: await scoreWithout(model, judged.steps, "history"),
    latentReadiness: Float64Array.from(judged.steps, ({ latent }) => latent.readiness),
    trueChance: Float64Array.from(judged.steps, ({ chance }) => chance),
  };
  const all = measureAreas(judged.steps, learners, scores, { seed: options.seed, resamples });
  const wrote = judged.steps.flatMap(({ moments }, row) =>
    moments.at(-1)?.reading === undefined ? [] : [row],
  );
  const after = measureAreas(
    wrote.map((row) => judged.steps[row] as JudgedStep),
    learners,
    mapScores(scores, (values) => Float64Array.from(wrote, (row) => values[row] as number)),
    { seed: options.seed, resamples },
  );
  const successes = judged.steps.reduce((sum, { success }) => sum + success, 0);
  return {
    formatVersion: 1,
    learners: "simulated",
    model: model.identity,
    evaluatedAt: new Date().toISOString(),
    seed: options.seed,
    cohort: { learners, rows: judged.steps.length, successRate: successes / judged.steps.length },
    machine: { cpu: cpus()[0]?.model.trim() || "unknown", cores: cpus().length, node: process.version },
    auc: all.areas,
    gain: all.gain,
    aucAfterMessage: { ...after.areas, rows: wrote.length },
    correlation: measureCorrelations(judged.steps, answers),
    expectedSuccessEce: measureEce(
      answers.map(({ expectedSuccess }, row) => ({
        confidence: expectedSuccess,
        correct: judged.steps[row]?.success === 1,
      })),
    ),
    latency: await timeAssessment(model, judged.steps),
  };
}

/** Readiness of the last message by the text alone; where there is none, as where the text says nothing: a half. */
function scoreText({ moments }: JudgedStep): number {
  const reading = moments.findLast((moment) => moment.reading !== undefined)?.reading;
  return reading === undefined ? 0 : logit(reading.readiness);
}

/** The model's score where a kind of input is taken from every moment. */
async function scoreWithout(
  model: EvaluatedReadiness,
  steps: readonly JudgedStep[],
  input: "text" | "behavior" | "history",
): Promise<Float64Array> {
  const answers = await model.assessAll(
    steps.map(({ moments, now }) => ({
      now,
      moments:
        input === "history"
          ? moments.slice(-1)
          : moments.map(({ at, context, reading, behavior }) =>
              input === "text" ? { at, context, behavior } : { at, context, reading },
            ),
    })),
  );
  return Float64Array.from(answers, ({ score }) => score);
}

/** Areas with intervals over resampled learners: steps of one learner are no independent rows. */
function measureAreas(
  steps: readonly JudgedStep[],
  learners: number,
  scores: Readonly<Record<ReadinessScore, Float64Array>>,
  options: { readonly seed: number; readonly resamples: number },
): { readonly areas: ReadinessAreas; readonly gain: ReadinessResult["gain"] } {
  const truths = Uint8Array.from(steps, ({ success }) => success);
  const ranked = mapScores(scores, (values) => new RankedScores(truths, values));
  const measure = (picked: Int32Array): Record<ReadinessScore | "overText" | "overBehavior", number> => {
    const counts = new Uint32Array(learners);
    for (const learner of picked) counts[learner] = (counts[learner] as number) + 1;
    const weights = Float64Array.from(steps, ({ learner }) => counts[learner] as number);
    const areas = mapScores(ranked, (one) => one.measureArea(weights));
    return {
      ...areas,
      overText: areas.readiness - areas.textHead,
      overBehavior: areas.readiness - areas.lastBehavior,
    };
  };
  const { overText, overBehavior, ...areas } = bootstrap(learners, measure, options);
  const over = areas.textHead.value > areas.lastBehavior.value ? "textHead" : "lastBehavior";
  return { areas, gain: { ...(over === "textHead" ? overText : overBehavior), over } };
}

function mapScores<A, B>(
  scores: Readonly<Record<ReadinessScore, A>>,
  map: (value: A) => B,
): Record<ReadinessScore, B> {
  return Object.fromEntries(readinessScores.map((name) => [name, map(scores[name])])) as Record<
    ReadinessScore,
    B
  >;
}

function measureCorrelations(
  steps: readonly JudgedStep[],
  answers: readonly ReadinessAssessment[],
): ReadinessResult["correlation"] {
  const rows = Int32Array.from(steps.keys());
  const truths = (name: "readiness" | "engagement" | "cognitiveLoad"): number[] =>
    steps.map(({ latent }) => latent[name]);
  const said = (name: "score" | "engagement" | "cognitiveLoad"): number[] =>
    answers.map((answer) => answer[name]);
  const text = steps.map((step) => 1 / (1 + Math.exp(-scoreText(step))));
  return {
    readiness: pearson(truths("readiness"), said("score"), rows),
    textReadiness: pearson(truths("readiness"), text, rows),
    engagement: pearson(truths("engagement"), said("engagement"), rows),
    cognitiveLoad: pearson(truths("cognitiveLoad"), said("cognitiveLoad"), rows),
  };
}

/** Assessments timed, and those before them that are not. */
const timedRuns = 300;
const warmUps = 50;

async function timeAssessment(model: EvaluatedReadiness, steps: readonly JudgedStep[]): Promise<Latency> {
  const longest = steps.reduce((most, { moments }) => Math.max(most, moments.length), 0);
  const full = steps.filter(({ moments }) => moments.length === longest);
  const elapsed: number[] = [];
  for (let run = -warmUps; run < timedRuns; run++) {
    const { moments, now } = full[(run + warmUps) % full.length] as JudgedStep;
    const startedAt = performance.now();
    await model.assess(moments, now);
    if (run >= 0) elapsed.push(performance.now() - startedAt);
  }
  const sorted = Float64Array.from(elapsed).sort();
  return { p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95) };
}
