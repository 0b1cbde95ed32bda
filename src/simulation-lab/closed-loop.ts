/** @file Sessions in a closed loop: learners work, what they write is read, a policy decides, and its decision meets them. */
import type { SupportLevel } from "../emotion/support.js";
import type { Moment } from "../history/moment.js";
import type { SimulatedLearner } from "../simulation/learner-contract.js";
import type { KnowledgeGroup, Step } from "../simulation/step.js";
import type { Voices } from "../simulation/voices.js";
import type { Chooser, LiveLearner } from "./chooser.js";

/** What came of one learner's session. */
export interface SessionFigures {
  readonly learner: number;
  readonly group: KnowledgeGroup;
  readonly steps: number;
  readonly hours: number;
  /** Of that, at work and not in an intervention. */
  readonly workingHours: number;
  /** Growth of mean p(known). */
  readonly gain: number;
  /** Hours at work stuck in confusion or frustration, or bored. */
  readonly troubledHours: number;
  /** Interventions above none. */
  readonly interruptions: number;
  readonly dropped: boolean;
}

/** How sessions are run. */
export interface ClosedLoopOptions {
  readonly steps: number;
  readonly voices: Voices | undefined;
  readonly chooser: Chooser;
  /** Told of every step with the level it was taken with. */
  readonly onStep?: (learner: SimulatedLearner, step: Step, level: SupportLevel) => void;
  /** Told of rounds done. */
  readonly onRound?: (done: number, live: number) => void;
}

class Session implements LiveLearner {
  readonly learner: SimulatedLearner;
  readonly moments: Moment[] = [];
  level: SupportLevel = 0;
  #hours = 0;
  #workingHours = 0;
  #troubledHours = 0;
  #interruptions = 0;
  #dropped = false;

  constructor(learner: SimulatedLearner) {
    this.learner = learner;
  }

  advance(voices: Voices | undefined): Step {
    const step = this.learner.next(this.level);
    const { at, behavior, context, utterance, secondsSpent, supportSeconds, dropped } = step.observed;
    const working = (secondsSpent - supportSeconds) / 3600;
    this.#hours += secondsSpent / 3600;
    this.#workingHours += working;
    if (step.latent.stuck || step.latent.affect === "boredom") this.#troubledHours += working;
    if (this.level > 0) this.#interruptions++;
    if (dropped === true) this.#dropped = true;
    this.moments.push({ at, behavior, context, reading: voices?.readingOf(utterance) });
    return step;
  }

  get figures(): SessionFigures {
    const { learner } = this;
    return {
      learner: learner.index,
      group: learner.group,
      steps: this.moments.length,
      hours: this.#hours,
      workingHours: this.#workingHours,
      gain: learner.knowledge - learner.knowledgeAtStart,
      troubledHours: this.#troubledHours,
      interruptions: this.#interruptions,
      dropped: this.#dropped,
    };
  }
}

/**
 * Lets learners work step by step, all side by side so that a network decides for them in one batch, up to so many steps
 * or until they give up. Nothing is done before the first step.
 * @returns figures in the order of the learners
 */
export async function runClosedLoop(
  learners: readonly SimulatedLearner[],
  { steps, voices, chooser, onStep, onRound }: ClosedLoopOptions,
): Promise<readonly SessionFigures[]> {
  const sessions = learners.map((learner) => new Session(learner));
  for (let round = 0; round < steps; round++) {
    const live = sessions.filter(({ learner }) => !learner.done);
    for (const session of live) {
      const step = session.advance(voices);
      onStep?.(session.learner, step, session.level);
    }
    onRound?.(round + 1, live.length);
    if (round === steps - 1) break;
    const deciding = live.filter(({ learner }) => !learner.done);
    const interventions = await chooser.choose(deciding);
    deciding.forEach((session, i) => {
      const intervention = interventions[i];
      if (intervention === undefined) return;
      session.level = intervention.level;
      const last = session.moments.pop() as Moment;
      session.moments.push({ ...last, intervention });
    });
  }
  return sessions.map(({ figures }) => figures);
}
