/** @file A learner over time: each moment is read, held against those before it, answered and remembered, once. */
import { copyFrozen } from "../base/frozen-copy.js";
import type { Analysis, EmotionProbability } from "../emotion/analysis.js";
import { type EmotionId, emotionIds } from "../emotion/taxonomy.js";
import type { Appended, History } from "../history/history.js";
import { writeAddress } from "../history/learner-key.js";
import type { MessageReading, Moment } from "../history/moment.js";
import { buildFeatures } from "../policy/features.js";
import { toLogged } from "../policy/outcome.js";
import type { ReadinessAssessment } from "../readiness/assessment.js";
import { describeTrajectory } from "../trajectory/trajectory.js";
import type { LearnerModels } from "./learner-models.js";
import { LearnerQueue } from "./learner-queue.js";
import type { TenantPopulations } from "./populations.js";
import { Recall } from "./recall.js";
import { isRepeat } from "./repeat.js";
import {
  type AnalyzeOptions,
  type CheckedStep,
  type ObserveOptions,
  parseMessage,
  parseName,
  parseStep,
} from "./request.js";
import { recordDecision, settleDecision } from "./settled-decision.js";
import type { LearnerAnalysis, LearnerObservation, LearnerReadiness, LearnerStanding } from "./standing.js";

/** Most moments before the present one that an answer looks at: bounds the work whatever the history's length. */
export const lookback = 256;

/** A message once it is read. */
interface ReadText {
  readonly analysis: Analysis;
  readonly reading: MessageReading;
}

/** What a learner engine is put together from. */
export interface LearnerEngineParts {
  /** Reads a text, whatever was handed in for one. @throws INPUT_* where it is none */
  readonly read: (text: unknown, where: string, explain: boolean) => Promise<ReadText>;
  /** Model whose readings count: those of another are left out of what is looked at. */
  readonly model: MessageReading["model"];
  readonly history: History;
  /** What is usual on each platform; without it, what was usual in training is held against. */
  readonly populations?: TenantPopulations | undefined;
  /** Loads what looks at a learner over time; asked once, and again only where it failed. */
  readonly loadModels?: (() => Promise<LearnerModels>) | undefined;
  /** ms since 1970, where a call gives no time. */
  readonly now: () => number;
}

/** What a moment is made of once its message is read. */
interface Incoming extends CheckedStep {
  /** When the call came, by the engine's clock. */
  readonly calledAt: number;
  readonly reading?: MessageReading | undefined;
  readonly text?: string | undefined;
  readonly features: boolean;
}

/**
 * Follows learners. Calls for one learner are answered in the order in which they came; different learners do not wait
 * for each other and never see each other's moments.
 */
export class LearnerEngine {
  readonly #parts: LearnerEngineParts;
  readonly #recall: Recall;
  readonly #queue = new LearnerQueue();
  #models: Promise<LearnerModels> | undefined;

  constructor(parts: LearnerEngineParts) {
    this.#parts = parts;
    this.#recall = new Recall(parts.history);
  }

  /** @throws INPUT_* where the call is none; HISTORY_FAILED, and then nothing was kept */
  async analyze(
    message: unknown,
    { explain = false, features = false }: AnalyzeOptions = {},
  ): Promise<LearnerAnalysis> {
    const startedAt = performance.now();
    const calledAt = this.#parts.now();
    const checked = parseMessage(message, "analyze");
    // Read at once, so that concurrent calls share a batch, and answered in turn.
    const pending = this.#parts.read(checked.text, "analyze", explain);
    pending.catch(() => undefined); // told below, when its turn has come
    return this.#queue.run(writeAddress(checked.key), async () => {
      const { analysis, reading } = await pending;
      const text = checked.text as string;
      const learner = await this.#follow({ ...checked, calledAt, reading, text, features });
      return Object.freeze({ ...analysis, analysisTimeMs: performance.now() - startedAt, learner });
    });
  }

  /** @throws as `analyze` */
  async observe(step: unknown, { features = false }: ObserveOptions = {}): Promise<LearnerObservation> {
    const startedAt = performance.now();
    const calledAt = this.#parts.now();
    const checked = parseStep(step, "observe");
    return this.#queue.run(writeAddress(checked.key), async () => {
      const learner = await this.#follow({ ...checked, calledAt, features });
      return Object.freeze({ learner, analysisTimeMs: performance.now() - startedAt });
    });
  }

  /** Forgets a learner, after the calls that came before. @returns how many moments were forgotten */
  async forget(name: unknown): Promise<number> {
    const key = parseName(name, "forget");
    return this.#queue.run(writeAddress(key), () => this.#recall.erase(key));
  }

  /** All that is kept of a learner, oldest first, after the calls that came before. */
  async export(name: unknown): Promise<readonly Moment[]> {
    const key = parseName(name, "export");
    return this.#queue.run(writeAddress(key), () => this.#recall.export(key));
  }

  /** Loads the models now rather than with the first learner. @throws as they are loaded */
  open(): Promise<LearnerModels> {
    this.#models ??= (this.#parts.loadModels?.() ?? Promise.resolve({})).catch((error: unknown) => {
      this.#models = undefined;
      throw error;
    });
    return this.#models;
  }

  /** Frees the models, once nothing is under way. */
  async close(): Promise<void> {
    const models = await this.#models?.catch(() => undefined); // who asked for them was told
    await models?.close?.();
  }

  async #follow(incoming: Incoming): Promise<LearnerStanding> {
    const { key, reading, behavior, context, text } = incoming;
    const { readiness, decider, transitions } = await this.open();
    const recent = await this.#recall.recent(key, lookback);
    const last = recent.at(-1)?.at ?? 0;
    // A clock that was set back must not bring the present before what is known: it stands still until it has caught up.
    const at = incoming.at ?? Math.max(incoming.calledAt, last);
    const seen: Moment = copyFrozen({ at, reading, behavior, context });
    const repeated = recent.find((known) => isRepeat(known, seen));
    const earlier = recent.filter((one) => one.at <= at && one !== repeated);
    const moments = this.#keepReadable([...earlier, seen]);
    const late = last > at;

    const population = this.#parts.populations?.find(key.tenantId);
    const state = await readiness?.assess(moments, at, { population });
    const situation = state && { moments, now: at, state, text };
    const decided = situation && (await decider?.decide(situation));
    const intervention = decided && settleDecision(decided, { repeated, late });
    const trajectory = describeTrajectory(moments);
    // All that may fail has been done: from here on the moment is kept and the answer given, or neither.
    const moment = { ...seen, intervention: recordDecision(intervention) };
    const appended = repeated === undefined ? await this.#append(incoming, moment) : "duplicate";
    const tooOld = appended === "outdated" && intervention?.escalate === undefined;
    return copyFrozen({
      at,
      readiness: state && describeReadiness(state),
      trajectory,
      nextEmotions: transitions && foreseeEmotions(transitions, moments),
      intervention: tooOld ? undefined : intervention,
      features: situation && incoming.features ? toLogged(buildFeatures(situation)) : undefined,
      history: { moments: moments.length, appended, late },
    });
  }

  /** Keeps a moment, and only then counts it among what is usual. */
  async #append({ key, behavior, context, text }: Incoming, moment: Moment): Promise<Appended> {
    const { keepsText } = this.#recall;
    const appended = await this.#recall.append(key, keepsText ? { ...moment, text } : moment);
    if (appended === "added" && behavior !== undefined) {
      this.#parts.populations?.observe(key.tenantId, behavior, context?.itemId);
    }
    return appended;
  }

  /** Moments without readings of other models: a change of model must not look like a change of the learner. */
  #keepReadable(moments: readonly Moment[]): readonly Moment[] {
    const { name, version } = this.#parts.model;
    return moments.map((moment) => {
      const { model } = moment.reading ?? {};
      const isForeign = model !== undefined && (model.name !== name || model.version !== version);
      return isForeign ? { ...moment, reading: undefined } : moment;
    });
  }
}

/** What is felt next by the last message read; nothing where none was. */
function foreseeEmotions(
  transitions: NonNullable<LearnerModels["transitions"]>,
  moments: readonly Moment[],
): readonly EmotionProbability[] | undefined {
  const reading = moments.findLast((moment) => moment.reading !== undefined)?.reading;
  if (reading === undefined) return undefined;
  return transitions
    .predict(reading.emotion)
    .map((probability, index) => ({ emotion: emotionIds[index] as EmotionId, probability }))
    .sort((a, b) => b.probability - a.probability);
}

function describeReadiness({ stateVector: _, ...told }: ReadinessAssessment): LearnerReadiness {
  return told;
}
