/** @file What changes in a learner as they work, and what is true of them at any time. */
import type { EmotionId } from "../emotion/taxonomy.js";
import type { Affect } from "./affect.js";
import { isStuck } from "./affect.js";
import type { Item } from "./item-bank.js";
import type { Model } from "./model.js";
import { engagementOf, fatigueAfter, loadOf, readinessOf } from "./reading.js";
import type { KnowledgeGroup, Latent } from "./step.js";
import type { Traits } from "./traits.js";
import type { WorkChances, WorkSituation } from "./work.js";
import { workChances } from "./work.js";

/** The task at hand. */
export interface Task {
  readonly item: Item;
  /** Answers given so far. */
  readonly attempts: number;
  readonly hints: number;
  readonly bottomOutHints: number;
  /** Since it was shown, s. */
  readonly seconds: number;
  /** Since the first wrong answer, s; undefined before it. */
  readonly troubleSeconds: number | undefined;
}

/** Everything that changes in a learner. */
export interface LearnerState {
  readonly steps: number;
  /** ms since 1970. */
  readonly now: number;
  readonly affect: Affect;
  readonly emotion: EmotionId;
  /** p(L) of each skill. */
  readonly known: readonly number[];
  readonly tiringMinutes: number;
  readonly annoyance: number;
  readonly assistance: number;
  readonly praise: number;
  readonly task: Task;
  /** Tasks left behind. */
  readonly tasksDone: number;
  /** Right answers in a row, or wrong ones as a negative number. */
  readonly streak: number;
  readonly skips: number;
  readonly done: boolean;
}

/** A task just shown. */
export function freshTask(item: Item): Task {
  return { item, attempts: 0, hints: 0, bottomOutHints: 0, seconds: 0, troubleSeconds: undefined };
}

/** What bears on the next answer, as far as the state goes. @param slowdown factor on its time @param assistance doses in mind */
export function situationOf(
  model: Model,
  state: LearnerState,
  traits: Traits,
  slowdown: number,
  assistance = state.assistance,
): WorkSituation {
  return {
    affect: state.affect.state,
    known: state.known[state.task.item.skill] as number,
    difficulty: state.task.item.difficulty,
    again: state.task.attempts > 0,
    fatigue: fatigueAfter(model, state.tiringMinutes),
    assistance,
    logSpeed: traits.logSpeed,
    slowdown,
  };
}

/** Chances of the next answer, should nothing be done. */
export function nextChances(model: Model, state: LearnerState, traits: Traits): WorkChances {
  return workChances(model, situationOf(model, state, traits, 1, state.assistance * model.support.carry));
}

/** Mean p(L) over the skills. */
export function meanKnown(known: readonly number[]): number {
  let sum = 0;
  for (const one of known) sum += one;
  return sum / known.length;
}

/** What is true of a learner in a state. @param success probability of the last step's success, as it was before it */
export function latentOf(
  model: Model,
  state: LearnerState,
  traits: Traits,
  group: KnowledgeGroup,
  success?: number,
): Latent {
  const fatigue = fatigueAfter(model, state.tiringMinutes);
  const next = nextChances(model, state, traits).overall;
  const engagement = engagementOf(model, state.affect.state, fatigue);
  const cognitiveLoad = loadOf(model, state.affect.state, fatigue, next);
  return {
    emotion: state.emotion,
    affect: state.affect.state,
    affectSeconds: state.affect.seconds,
    stuck: isStuck(model, state.affect),
    knowledge: meanKnown(state.known),
    successProbability: success ?? next,
    nextSuccessProbability: next,
    engagement,
    cognitiveLoad,
    fatigue,
    annoyance: state.annoyance,
    readiness: readinessOf(model, next, engagement, cognitiveLoad),
    group,
  };
}
