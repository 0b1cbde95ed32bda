/** @file Measures a model through the engine, so that every score is the one users get. */
import { readdir, stat } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import type { Calibration } from "../calibration/calibration.js";
import type { Example, LoadedCorpus } from "../data/example.js";
import type { Analysis } from "../emotion/analysis.js";
import type { Inspection } from "../engine/composition.js";
import type { BootstrapOptions } from "../metrics/bootstrap.js";
import type { ChallengeSet } from "./challenge-set.js";
import { measureChallenges } from "./challenges.js";
import { measureEdges } from "./edges.js";
import { measureEmoBank } from "./emobank.js";
import { measureGoEmotions } from "./goemotions.js";
import type { Judgement } from "./judgement.js";
import { measureLearner } from "./learner.js";
import { type EvaluationPart, evaluationParts } from "./parts.js";
import { measurePeople } from "./people.js";
import { type EvaluationResult, isSkipped, type Measured } from "./result.js";
import { measureSpeed, type TimedEngine } from "./speed.js";

/** What an evaluation needs of an engine; `EmotionEngine` is one. */
export interface EvaluatedEngine extends TimedEngine {
  readonly model: Analysis["model"];
  inspect(texts: readonly string[]): Promise<readonly Inspection[]>;
}

/** Corpora an evaluation can look for. `own` is a user's, read as learner text, all its rows. */
export type EvaluationCorpus = "goemotions" | "learner" | "emobank" | "lemotif" | "xed" | "own";

/** What to evaluate and how. */
export interface EvaluationOptions {
  /** Loads the model; on a number of threads, where that is given. */
  readonly load: (threads?: number) => Promise<EvaluatedEngine>;
  /** The model's own, for its thresholds and the coverage it promises. */
  readonly calibration: Calibration;
  /** Loads a corpus, throwing DATA_NOT_FOUND where it is absent; without a loader a corpus counts as not asked for. */
  readonly corpora: { readonly [name in EvaluationCorpus]?: () => Promise<LoadedCorpus> };
  /** Loads the challenge sets, throwing DATA_NOT_FOUND where they are absent. */
  readonly challenges?: () => Promise<readonly ChallengeSet[]>;
  /** Folder whose size is the model's. */
  readonly folder?: string;
  /** Parts to measure; all by default. */
  readonly only?: readonly EvaluationPart[];
  readonly seed?: number;
  /** Bootstrap resamples, 1,000 by default. */
  readonly resamples?: number;
  /** Told of rows judged, part by part. */
  readonly onProgress?: (part: string, done: number, total: number) => void;
}

/** Texts judged between two reports of progress. */
const chunkSize = 512;

const notAsked = { skipped: "not asked for" } as const;

/**
 * Evaluates a model on every corpus that is there. One that is absent is reported as skipped with the reason, never as
 * a figure; one that cannot be read is an error.
 * @throws whatever loading the model, a corpus that is there, or analysing its texts throws
 */
export async function evaluate(options: EvaluationOptions): Promise<EvaluationResult> {
  const { calibration, only = evaluationParts, seed = 1, resamples = 1000 } = options;
  const bootstrapOptions = { seed, resamples };
  const wants = (part: EvaluationPart): boolean => only.includes(part);
  const engine = await options.load();
  try {
    const judge = (name: EvaluationCorpus, select: (corpus: LoadedCorpus) => readonly Example[]) =>
      judgeCorpus(engine, options, name, select);
    const selectTest = ({ examples }: LoadedCorpus): readonly Example[] =>
      examples.filter(({ split }) => split === "test");

    const goemotions = wants("goemotions") ? await judge("goemotions", selectTest) : notAsked;
    const emobank = wants("emobank") ? await judge("emobank", selectTest) : notAsked;
    const wantsLearner = (name: EvaluationCorpus, select: typeof selectTest) =>
      wants("learner") ? judge(name, select) : notAsked;
    const registers = await wantsLearner("learner", selectHeldOutRegisters);
    const clusters = await wantsLearner("learner", (corpus) =>
      selectTest(corpus).filter(({ id }) => id.startsWith("learner/cluster-")),
    );
    const own = await wantsLearner("own", ({ examples }) => examples);
    // No row of lemotif is ever trained on, so all of them may be asked about.
    const lemotif = wants("people") ? await judge("lemotif", ({ examples }) => examples) : notAsked;
    const xed = wants("people") ? await judge("xed", selectTest) : notAsked;
    const ofPeople = (part: Measured<readonly Judgement[]>) =>
      mapMeasured(part, (rows) => measurePeople(rows, bootstrapOptions));
    const ofLearner = (part: Measured<readonly Judgement[]>) =>
      mapMeasured(part, (rows) => measureLearner(rows, calibration, bootstrapOptions));
    const texts = isSkipped(registers) ? [] : registers.map(({ example }) => example.text);
    return {
      formatVersion: 1,
      model: engine.model,
      evaluatedAt: new Date().toISOString(),
      seed,
      resamples,
      machine: {
        cpu: cpus()[0]?.model.trim() || "unknown",
        cores: cpus().length,
        node: process.version,
      },
      goemotions: mapMeasured(goemotions, (rows) => measureGoEmotions(rows, calibration, bootstrapOptions)),
      learner: { registers: ofLearner(registers), clusters: ofLearner(clusters), own: ofLearner(own) },
      emobank: mapMeasured(emobank, (rows) => measureEmoBank(rows, bootstrapOptions)),
      people: { lemotif: ofPeople(lemotif), xed: ofPeople(xed) },
      challenges: wants("challenges") ? await challengeEngine(engine, options, bootstrapOptions) : notAsked,
      edges: wants("edges") ? await measureEdges(engine) : notAsked,
      speed: wants("speed") ? await measureSpeed(options.load, texts) : notAsked,
      size:
        options.folder === undefined
          ? { skipped: "no model folder given" }
          : await measureSize(options.folder),
    };
  } finally {
    await engine.close();
  }
}

function mapMeasured<A extends object, B>(
  part: Measured<A>,
  measure: (value: A) => Measured<B>,
): Measured<B> {
  return isSkipped(part) ? part : measure(part);
}

/**
 * Test rows of the registers that were held out whole. Other registers have test rows too, but only because they look
 * like held-out ones; their writers are in training, so they say nothing of unseen writers.
 */
function selectHeldOutRegisters({ examples }: LoadedCorpus): readonly Example[] {
  const seen = new Set(examples.flatMap(({ split, slice }) => (split === "test" ? [] : [slice])));
  return examples.filter(({ id, slice }) => id.startsWith("learner/register-") && !seen.has(slice));
}

/** Loads data; data that is not there is a reason, not an error. */
async function loadWhereThere<T extends object>(
  load: (() => Promise<T>) | undefined,
  notGiven: string,
): Promise<Measured<T>> {
  if (load === undefined) return { skipped: notGiven };
  try {
    return await load();
  } catch (error) {
    if (error instanceof AppError && error.code === "DATA_NOT_FOUND") return { skipped: error.message };
    throw error;
  }
}

async function challengeEngine(
  engine: EvaluatedEngine,
  { challenges, onProgress }: EvaluationOptions,
  bootstrapOptions: BootstrapOptions,
): Promise<EvaluationResult["challenges"]> {
  const sets = await loadWhereThere(challenges, "no challenge sets given");
  if (isSkipped(sets)) return sets;
  return measureChallenges(engine, sets, bootstrapOptions, (done, total) =>
    onProgress?.("challenges", done, total),
  );
}

/** Asks the engine about every selected row of a corpus. */
async function judgeCorpus(
  engine: EvaluatedEngine,
  options: EvaluationOptions,
  name: EvaluationCorpus,
  select: (corpus: LoadedCorpus) => readonly Example[],
): Promise<Measured<readonly Judgement[]>> {
  const corpus = await loadWhereThere(options.corpora[name], `no ${name} corpus given`);
  if (isSkipped(corpus)) return corpus;
  const examples = select(corpus);
  const judgements: Judgement[] = [];
  for (let start = 0; start < examples.length; start += chunkSize) {
    const chunk = examples.slice(start, start + chunkSize);
    const inspections = await engine.inspect(chunk.map((example) => example.text));
    chunk.forEach((example, i) => {
      judgements.push({ example, inspection: inspections[i] as Inspection });
    });
    options.onProgress?.(name, judgements.length, examples.length);
  }
  return judgements;
}

/** Bytes and number of the files directly in a model's folder. */
async function measureSize(folder: string): Promise<{ readonly bytes: number; readonly files: number }> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(folder, entry.name))).size));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length };
}
