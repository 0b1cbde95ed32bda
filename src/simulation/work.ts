/** @file How a learner works on a task: read it or not, ask for hints, answer, and how long that takes. */
import type { Draws } from "./draws.js";
import { correctProbability, logistic } from "./knowledge.js";
import type { Model } from "./model.js";
import type { AffectState } from "./step.js";

/** What bears on the work. */
export interface WorkSituation {
  readonly affect: AffectState;
  /** p(L) of the task's skill. */
  readonly known: number;
  /** Log-odds of the item. */
  readonly difficulty: number;
  /** Whether the item was answered wrongly before. */
  readonly again: boolean;
  /** Tiredness, [0, 1]. */
  readonly fatigue: number;
  /** Assistance in mind, in doses. */
  readonly assistance: number;
  /** Log time of the learner. */
  readonly logSpeed: number;
  /** Factor on the time after an interruption. */
  readonly slowdown: number;
}

/** How a task is taken up. */
export type Way = "skip" | "bottomOut" | "rapid" | "answer";

/** A task worked on. */
export interface Work {
  readonly way: Way;
  /** Right by one's own: an answer read off the last hint does not count, as in knowledge tracing. */
  readonly correct: boolean;
  /** Hints asked for at this step. */
  readonly hints: number;
  /** From task to answer, time turned away included, s. */
  readonly seconds: number;
  /** Longest time without input, s. */
  readonly idleSeconds: number;
}

/** Chances of the ways, of hints, and of success. */
export interface WorkChances {
  readonly skip: number;
  readonly bottomOut: number;
  readonly rapid: number;
  readonly hint: number;
  /** Success when answering with 0, 1 or 2 hints, `[3]`. */
  readonly success: readonly [number, number, number];
  /** Success all told. */
  readonly overall: number;
}

/**
 * Success when answering: guess and not slipping, each with its log-odds moved by the item (as KT-IDEM lets items have
 * their own), the state, tiredness, earlier tries, assistance and hints.
 * @source Pardos & Heffernan, "KT-IDEM", 2011.
 */
function answerProbability(
  { knowledge, affect, support }: Model,
  situation: WorkSituation,
  extra: number,
): number {
  const shift =
    extra -
    situation.difficulty +
    affect.success[situation.affect] +
    knowledge.fatigueSuccess * situation.fatigue +
    (situation.again ? knowledge.retry : 0) +
    support.success * situation.assistance * (1 - situation.known);
  const guess = logistic(knowledge.logitGuess + shift);
  return correctProbability(situation.known, guess, 1 - logistic(knowledge.logitNoSlip + shift));
}

/** The chances of a step of work. */
export function workChances(model: Model, situation: WorkSituation): WorkChances {
  const { behavior } = model;
  const unknown = 1 - situation.known;
  const skip = behavior.skip[situation.affect];
  const abuse = behavior.helpAbuse * behavior.helpAbuseFactor[situation.affect] * 2 * unknown;
  const bottomOut = Math.min(1, abuse);
  const rapid = behavior.rapid[situation.affect];
  const hint = behavior.hint * unknown;
  const success = [0, 1, 2].map((hints) =>
    answerProbability(model, situation, hints * behavior.hintSuccess),
  ) as [number, number, number];
  const second = hint * behavior.secondHint;
  const answered = (1 - hint) * success[0] + (hint - second) * success[1] + second * success[2];
  const overall = (1 - skip) * (1 - bottomOut) * (rapid * behavior.rapidSuccess + (1 - rapid) * answered);
  return { skip, bottomOut, rapid, hint, success, overall };
}

function drawWay(chances: WorkChances, draws: Draws): Way {
  if (draws.at("skip") < chances.skip) return "skip";
  if (draws.at("bottomOut") < chances.bottomOut) return "bottomOut";
  return draws.at("rapid") < chances.rapid ? "rapid" : "answer";
}

/**
 * Time of an answer with thought, s: lognormal around exp(log base + speed + difficulty + what is not known + state +
 * tiredness).
 * @source van der Linden, "A lognormal model for response times on test items", 2006.
 */
function answerSeconds({ behavior }: Model, situation: WorkSituation, noise: number): number {
  const log =
    Math.log(behavior.seconds) +
    situation.logSpeed +
    behavior.difficultySeconds * situation.difficulty +
    behavior.unknownSeconds * (1 - situation.known) +
    behavior.logSeconds[situation.affect] +
    behavior.fatigueSeconds * situation.fatigue +
    behavior.spreadSeconds * noise;
  return Math.exp(log) * situation.slowdown;
}

/** Lets the learner work on the task once. */
export function doWork(model: Model, situation: WorkSituation, chances: WorkChances, draws: Draws): Work {
  const { behavior } = model;
  const way = drawWay(chances, draws);
  const normal = answerSeconds(model, situation, draws.normal("seconds"));
  if (way === "rapid") {
    const fastest = Math.min(behavior.rapidLeast, behavior.rapidThreshold);
    const seconds = fastest + (behavior.rapidThreshold - fastest) * draws.at("pause");
    const correct = draws.at("correct") < behavior.rapidSuccess;
    return { way, correct, hints: 0, seconds, idleSeconds: seconds };
  }
  let hints = 0;
  if (way === "bottomOut") hints = behavior.bottomOutHints;
  else if (way === "answer" && draws.at("hint") < chances.hint) {
    hints = draws.at("secondHint") < behavior.secondHint ? 2 : 1;
  }
  const away =
    draws.at("idle") < behavior.idle[situation.affect]
      ? behavior.idleSeconds * Math.exp(behavior.spreadIdle * draws.normal("idleSeconds"))
      : 0;
  const share = way === "skip" ? behavior.skipShare : way === "bottomOut" ? behavior.bottomOutShare : 1;
  const working = normal * share + (way === "answer" ? hints * behavior.hintSeconds : 0);
  return {
    way,
    correct: way === "answer" && draws.at("correct") < (chances.success[hints] as number),
    hints,
    seconds: working + away,
    idleSeconds: Math.max(away, working * draws.at("pause")),
  };
}
