/** @file The parameter table in the form the steps read: checked once, then plain numbers. */
import { AppError } from "../base/errors.js";
import type { SupportLabel } from "../emotion/support.js";
import { supportLabels } from "../emotion/support.js";
import type { EmotionId } from "../emotion/taxonomy.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { Outcome } from "./affect-parameters.js";
import { anxiousEmotions, failureEmotions, successEmotions, tiredEmotions } from "./emotion-parameters.js";
import { fractionKnown, learningRate, logit } from "./knowledge.js";
import type { Parameters } from "./parameter.js";
import type { AffectState, KnowledgeGroup } from "./step.js";
import { affectStates, knowledgeGroups } from "./step.js";

/** A number for each affect state. */
export type PerState = Readonly<Record<AffectState, number>>;

/** A number for each support level, `[6]`. */
export type PerLevel = readonly number[];

/** Lookup of single numbers by their name in the table. */
export type Read = (name: string) => number;

/** The model's numbers. `read` at build time only; the steps use the fields. */
export interface Model {
  readonly knowledge: ReturnType<typeof readKnowledge>;
  readonly affect: ReturnType<typeof readAffect>;
  readonly behavior: ReturnType<typeof readBehavior>;
  readonly support: ReturnType<typeof readSupport>;
  readonly emotion: ReturnType<typeof readEmotion>;
}

const perState = (read: Read, name: string): PerState =>
  Object.fromEntries(affectStates.map((state) => [state, read(`${name}.${state}`)])) as Record<
    AffectState,
    number
  >;

const perLevel = (read: Read, name: string): PerLevel =>
  supportLabels.map((label: SupportLabel) => read(`${name}.${label}`));

function readKnowledge(read: Read) {
  const slip = read("knowledge.slip");
  const guess = read("knowledge.guess");
  const start = Object.fromEntries(
    knowledgeGroups.map((group) => [group, fractionKnown(read(`knowledge.accuracy.${group}`), guess, slip)]),
  ) as Record<KnowledgeGroup, number>;
  return {
    skills: read("knowledge.skills"),
    itemsPerSkill: read("knowledge.itemsPerSkill"),
    blockItems: read("knowledge.blockItems"),
    attempts: read("knowledge.attempts"),
    logitGuess: logit(guess),
    logitNoSlip: logit(1 - slip),
    /** Mean p(L0) of each group. */
    start,
    logitRate: logit(learningRate(read("knowledge.accuracyGain"), start.middle, guess, slip)),
    spreadLearner: read("knowledge.spreadLearner"),
    spreadSkill: read("knowledge.spreadSkill"),
    spreadRate: read("knowledge.spreadRate"),
    spreadItem: read("knowledge.spreadItem"),
    retry: read("knowledge.retry"),
    fatigueSuccess: read("knowledge.fatigueSuccess"),
    fatigueLearning: read("knowledge.fatigueLearning"),
    resolvedConfusion: read("knowledge.resolvedConfusion"),
    learningRapid: read("knowledge.learning.rapid"),
    learningBottomOut: read("knowledge.learning.bottomOut"),
  };
}

function readAffect(read: Read, readOptional: Read) {
  const destination = (outcome: Outcome, from: AffectState): readonly number[] =>
    affectStates.map((to) => readOptional(`affect.to.${outcome}.${from}.${to}`));
  const byState = (outcome: Outcome) =>
    Object.fromEntries(affectStates.map((from) => [from, destination(outcome, from)])) as Record<
      AffectState,
      readonly number[]
    >;
  return {
    halfLife: perState(read, "affect.halfLife"),
    leaving: {
      success: perState(read, "affect.leaving.success"),
      failure: perState(read, "affect.leaving.failure"),
    },
    /** Weights of where to, in the order of `affectStates`. */
    destination: { success: byState("success"), failure: byState("failure") },
    ageing: read("affect.ageing"),
    tooEasy: read("affect.tooEasy"),
    tooEasyFrom: read("affect.tooEasyFrom"),
    tooHard: read("affect.tooHard"),
    tooHardTo: read("affect.tooHardTo"),
    spreadTemper: read("affect.spreadTemper"),
    stuckHalfLives: read("affect.stuckHalfLives"),
    start: affectStates.map((state) => read(`affect.start.${state}`)),
    success: perState(read, "affect.success"),
    learning: perState(read, "affect.learning"),
    fatigueMinutes: read("affect.fatigueMinutes"),
    dropoutRate: read("affect.dropoutRate"),
    dropout: perState(read, "affect.dropout"),
    dropoutFatigue: read("affect.dropoutFatigue"),
    dropoutAnnoyance: read("affect.dropoutAnnoyance"),
    engagement: perState(read, "affect.engagement"),
    engagementFatigue: read("affect.engagementFatigue"),
    loadDemand: read("affect.loadDemand"),
    load: perState(read, "affect.load"),
    loadFatigue: read("affect.loadFatigue"),
    readinessSuccess: read("affect.readiness.success"),
    readinessEngagement: read("affect.readiness.engagement"),
    readinessEase: read("affect.readiness.ease"),
  };
}

function readBehavior(read: Read) {
  return {
    seconds: read("behavior.seconds"),
    spreadSeconds: read("behavior.spreadSeconds"),
    spreadSpeed: read("behavior.spreadSpeed"),
    difficultySeconds: read("behavior.difficultySeconds"),
    unknownSeconds: read("behavior.unknownSeconds"),
    logSeconds: perState(read, "behavior.logSeconds"),
    fatigueSeconds: read("behavior.fatigueSeconds"),
    rapid: perState(read, "behavior.rapid"),
    rapidThreshold: read("behavior.rapidThreshold"),
    rapidLeast: read("behavior.rapidLeast"),
    rapidSuccess: read("behavior.rapidSuccess"),
    helpAbuse: read("behavior.helpAbuse"),
    helpAbuseFactor: perState(read, "behavior.helpAbuseFactor"),
    hint: read("behavior.hint"),
    secondHint: read("behavior.secondHint"),
    hintSuccess: read("behavior.hintSuccess"),
    hintSeconds: read("behavior.hintSeconds"),
    bottomOutHints: read("behavior.bottomOutHints"),
    bottomOutShare: read("behavior.bottomOutShare"),
    skip: perState(read, "behavior.skip"),
    skipShare: read("behavior.skipShare"),
    idle: perState(read, "behavior.idle"),
    idleSeconds: read("behavior.idleSeconds"),
    spreadIdle: read("behavior.spreadIdle"),
    helpLatencyShare: read("behavior.helpLatencyShare"),
    missing: read("behavior.missing"),
    write: perState(read, "message.write"),
    spreadWrite: read("message.spread"),
  };
}

function readSupport(read: Read) {
  return {
    effectLow: read("support.effect.low"),
    effectHigh: read("support.effect.high"),
    effectPraise: read("support.effect.praise"),
    dose: perLevel(read, "support.dose"),
    praise: perLevel(read, "support.praise"),
    seconds: perLevel(read, "support.seconds"),
    carry: read("support.carry"),
    success: read("support.success"),
    relief: perLevel(read, "support.relief"),
    reliefBoredom: perLevel(read, "support.reliefBoredom"),
    breaksFlow: perLevel(read, "support.breaksFlow"),
    rest: perLevel(read, "support.rest"),
    annoyance: perLevel(read, "support.annoyance"),
    annoyanceInFlow: read("support.annoyanceInFlow"),
    annoyanceHalfLife: read("support.annoyanceHalfLife"),
    slowdown: read("support.slowdown"),
    slowdownInFlow: read("support.slowdownInFlow"),
    annoyedAffect: read("support.annoyedAffect"),
  };
}

function readEmotion(read: Read, readOptional: Read) {
  const background = read("emotion.background");
  const among = (group: readonly EmotionId[]): readonly boolean[] =>
    emotionIds.map((id) => group.includes(id));
  return {
    /** Weights of the 41 in each state, `[41]`. */
    weights: Object.fromEntries(
      affectStates.map((state) => [
        state,
        Float64Array.from(emotionIds, (id) => background + readOptional(`emotion.${state}.${id}`)),
      ]),
    ) as Record<AffectState, Float64Array>,
    success: { factor: read("emotion.afterSuccess"), among: among(successEmotions) },
    failure: { factor: read("emotion.afterFailure"), among: among(failureEmotions) },
    anxious: { factor: read("emotion.anxious"), among: among(anxiousEmotions) },
    tired: { factor: read("emotion.tired"), among: among(tiredEmotions) },
  };
}

/**
 * Checks a parameter table and makes it a model.
 * @throws CONFIG_INVALID where a parameter is missing, unknown, not finite, or outside the range of its unit
 */
export function buildModel(parameters: Parameters): Model {
  const seen = new Set<string>();
  const refuse = (name: string, expected: string, got: unknown): never => {
    throw new AppError(
      "CONFIG_INVALID",
      `simulator parameters: expected ${expected} for ${name}, got ${String(got)}; start from defaultParameters`,
    );
  };
  const readOptional: Read = (name) => {
    const parameter = parameters[name];
    if (parameter === undefined) return 0;
    seen.add(name);
    const { value, unit } = parameter;
    if (!Number.isFinite(value)) refuse(name, "a finite number", value);
    if ((unit === "probability" || unit === "share") && !(value >= 0 && value < 1)) {
      refuse(name, "a share from 0 and under 1", value);
    }
    if (unit === "count" && !(Number.isSafeInteger(value) && value >= 1))
      refuse(name, "a whole number from 1", value);
    if ((unit === "seconds" || unit === "minutes") && value < 0) refuse(name, "a time from 0", value);
    return value;
  };
  const read: Read = (name) => (name in parameters ? readOptional(name) : refuse(name, "a value", undefined));
  const model: Model = {
    knowledge: readKnowledge(read),
    affect: readAffect(read, readOptional),
    behavior: readBehavior(read),
    support: readSupport(read),
    emotion: readEmotion(read, readOptional),
  };
  for (const name of Object.keys(parameters)) {
    if (!seen.has(name)) refuse(name, "a name the model knows", name);
  }
  return model;
}
