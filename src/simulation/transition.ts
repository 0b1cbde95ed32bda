/** @file One step of a learner as a pure function: state, level and chance in; the next state and what was done out. */
import type { SupportLevel } from "../emotion/support.js";
import { advanceAffect } from "./affect.js";
import type { Draws } from "./draws.js";
import { drawEmotion } from "./emotion.js";
import type { ItemBank } from "./item-bank.js";
import { itemAt } from "./item-bank.js";
import { learn, logistic } from "./knowledge.js";
import type { Model } from "./model.js";
import { fatigueAfter } from "./reading.js";
import type { LearnerState, Task } from "./state.js";
import { freshTask, situationOf } from "./state.js";
import type { AffectState } from "./step.js";
import { giveSupport, learningShift } from "./support-effect.js";
import type { Traits } from "./traits.js";
import type { Work } from "./work.js";
import { doWork, workChances } from "./work.js";

/** What a step made of a learner. */
export interface Transition {
  readonly state: LearnerState;
  readonly work: Work;
  /** The task as it stands after the answer, before the next one is shown. */
  readonly task: Task;
  /** Probability of success before the answer, the intervention given. */
  readonly successProbability: number;
  /** The intervention's time and the work's, s. */
  readonly seconds: number;
  /** Of that, the intervention's, s. */
  readonly supportSeconds: number;
  readonly dropped: boolean;
}

function answerTask(task: Task, work: Work): Task {
  const seconds = task.seconds + work.seconds;
  const wrong = !work.correct && work.way !== "skip";
  return {
    item: task.item,
    attempts: task.attempts + (work.way === "skip" ? 0 : 1),
    hints: task.hints + work.hints,
    bottomOutHints: task.bottomOutHints + (work.way === "bottomOut" ? 1 : 0),
    seconds,
    troubleSeconds:
      task.troubleSeconds === undefined ? (wrong ? 0 : undefined) : task.troubleSeconds + work.seconds,
  };
}

/** Share of a chance to learn that a way of working takes. */
function effortOf({ knowledge }: Model, work: Work): number {
  if (work.way === "skip") return 0;
  if (work.way === "rapid") return knowledge.learningRapid;
  return work.way === "bottomOut" ? knowledge.learningBottomOut : 1;
}

/** p(T) of this step: the learner's, moved by support, then lessened by state, tiredness and effort. In [0, 1]. */
function rateOf(model: Model, state: LearnerState, traits: Traits, known: number, work: Work): number {
  const shift = learningShift(model, known, state.assistance, state.praise);
  const fatigue = fatigueAfter(model, state.tiringMinutes);
  const lessened =
    model.affect.learning[state.affect.state] *
    (1 - model.knowledge.fatigueLearning * fatigue) *
    effortOf(model, work);
  return Math.min(1, logistic(traits.logitRate + shift) * lessened);
}

/** Chance of giving up over a step: 1 − exp(−rate · minutes of work), the rate raised by state, tiredness, annoyance. */
function dropoutChance(
  { affect }: Model,
  state: AffectState,
  fatigue: number,
  annoyance: number,
  workMinutes: number,
): number {
  const rate =
    affect.dropoutRate *
    affect.dropout[state] *
    (1 + affect.dropoutFatigue * fatigue) *
    (1 + affect.dropoutAnnoyance * annoyance);
  return 1 - Math.exp(-rate * workMinutes);
}

/** Takes a step. */
export function transit(
  model: Model,
  bank: ItemBank,
  traits: Traits,
  before: LearnerState,
  level: SupportLevel,
  draws: Draws,
): Transition {
  const skill = before.task.item.skill;
  const known = before.known[skill] as number;
  const support = giveSupport(model, level, before, known, draws);
  const { affect, annoyance, assistance, praise, seconds: supportSeconds } = support;
  const rested = support.tiringMinutes;
  const ready: LearnerState = { ...before, affect, annoyance, assistance, praise, tiringMinutes: rested };

  const situation = situationOf(model, ready, traits, support.slowdown);
  const chances = workChances(model, situation);
  const work = doWork(model, situation, chances, draws);
  const seconds = supportSeconds + work.seconds;

  const change = advanceAffect(
    model,
    ready.affect,
    work.seconds,
    {
      correct: work.correct,
      successProbability: chances.overall,
      annoyance: ready.annoyance,
      temper: traits.temper,
    },
    draws,
  );
  // Confusion that help cut short taught nothing by itself; with a tip at most, the learner resolved it.
  const resolved = change.resolvedConfusion && work.correct && level <= 1;
  let now = learn(known, rateOf(model, ready, traits, known, work));
  if (resolved) now = learn(now, model.knowledge.resolvedConfusion);
  const knownAfter = before.known.slice();
  knownAfter[skill] = now;

  const task = answerTask(before.task, work);
  const left =
    work.correct ||
    work.way === "skip" ||
    work.way === "bottomOut" ||
    task.attempts >= model.knowledge.attempts;
  const tasksDone = before.tasksDone + (left ? 1 : 0);
  const tiringMinutes = rested + work.seconds / 60;
  const correct = work.correct;
  const fatigue = fatigueAfter(model, tiringMinutes);
  const feeling = { correct, anxious: traits.anxious, fatigue };
  const annoyanceLeft = annoyance * 2 ** (-seconds / 60 / model.support.annoyanceHalfLife);
  const giveUp = dropoutChance(model, change.affect.state, fatigue, annoyanceLeft, work.seconds / 60);
  const dropped = draws.at("dropout") < giveUp;
  const state: LearnerState = {
    ...ready,
    steps: before.steps + 1,
    now: before.now + Math.max(1, Math.round(seconds * 1000)),
    affect: change.affect,
    known: knownAfter,
    tiringMinutes,
    annoyance: annoyanceLeft,
    task: left ? freshTask(itemAt(bank, model.knowledge.blockItems, traits.firstItem, tasksDone)) : task,
    tasksDone,
    streak: nextStreak(before.streak, work),
    skips: before.skips + (work.way === "skip" ? 1 : 0),
    emotion: drawEmotion(model, change.affect.state, feeling, draws.at("emotion")),
    done: dropped,
  };
  return {
    state,
    work,
    task,
    successProbability: chances.overall,
    seconds,
    supportSeconds,
    dropped,
  };
}

function nextStreak(streak: number, work: Work): number {
  if (work.way === "skip") return streak;
  if (work.correct) return streak > 0 ? streak + 1 : 1;
  return streak < 0 ? streak - 1 : -1;
}
