/** @file A simulated learner: holds the state and the chance, shows what a platform would see. */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import type { Behavior } from "../behavior/signals.js";
import type { SupportLevel } from "../emotion/support.js";
import { isStuck } from "./affect.js";
import { Draws } from "./draws.js";
import type { ItemBank } from "./item-bank.js";
import { logistic, logit } from "./knowledge.js";
import type { SimulatedLearner, TimeSpent } from "./learner-contract.js";
import type { Model } from "./model.js";
import { maskBehavior } from "./platform.js";
import type { LearnerState } from "./state.js";
import { latentOf, meanKnown } from "./state.js";
import type { AffectState, KnowledgeGroup, Latent, Observation, Step } from "./step.js";
import type { Traits } from "./traits.js";
import type { Transition } from "./transition.js";
import { transit } from "./transition.js";
import type { UtterancePool } from "./utterances.js";

/** What the learners of a cohort share. */
export interface World {
  readonly model: Model;
  readonly bank: ItemBank;
  readonly utterances: UtterancePool | undefined;
  readonly seed: number;
}

/** Who a learner is: fixed. */
export interface Person {
  readonly index: number;
  readonly traits: Traits;
  readonly knowledgeAtStart: number;
  /** ms since 1970. */
  readonly startedAt: number;
}

// Filled and used up within one call of `next`, so one is enough for all learners.
const draws = new Draws();

/** A learner of a cohort. */
export class Learner implements SimulatedLearner {
  readonly #world: World;
  readonly #person: Person;
  #random: Random;
  #state: LearnerState;

  constructor(world: World, person: Person, state: LearnerState, random: Random) {
    this.#world = world;
    this.#person = person;
    this.#state = state;
    this.#random = random;
  }

  get index(): number {
    return this.#person.index;
  }

  get id(): string {
    return `learner-${this.#person.index}`;
  }

  get group(): KnowledgeGroup {
    return this.#person.traits.group;
  }

  get knowledgeAtStart(): number {
    return this.#person.knowledgeAtStart;
  }

  get knowledge(): number {
    return meanKnown(this.#state.known);
  }

  get mood(): { readonly state: AffectState; readonly stuck: boolean } {
    const { affect } = this.#state;
    return { state: affect.state, stuck: isStuck(this.#world.model, affect) };
  }

  get done(): boolean {
    return this.#state.done;
  }

  get latent(): Latent {
    return latentOf(this.#world.model, this.#state, this.#person.traits, this.group);
  }

  next(level: SupportLevel): Step {
    const before = this.#state;
    const transition = this.#advance(level);
    const { model } = this.#world;
    const latent = latentOf(
      model,
      transition.state,
      this.#person.traits,
      this.group,
      transition.successProbability,
    );
    return { index: before.steps, observed: this.#observe(before, transition), latent };
  }

  advance(level: SupportLevel): TimeSpent {
    return this.#advance(level);
  }

  peek(level: SupportLevel): Step {
    return this.clone().next(level);
  }

  clone(future?: number): Learner {
    const random =
      future === undefined
        ? Random.restore(this.#random.state)
        : Random.seeded(future, `future ${this.#world.seed} ${this.index} ${this.#state.steps}`);
    return new Learner(this.#world, this.#person, this.#state, random);
  }

  #advance(level: SupportLevel): Transition {
    if (this.#state.done) {
      throw new AppError(
        "USAGE",
        `simulated learner ${this.index}: expected a session still going on, got one that was given up; look at done before next`,
      );
    }
    const { model, bank } = this.#world;
    draws.fill(this.#random);
    const transition = transit(model, bank, this.#person.traits, this.#state, level, draws);
    this.#state = transition.state;
    return transition;
  }

  #observe(before: LearnerState, transition: Transition): Observation {
    const { model, utterances } = this.#world;
    const { traits, startedAt } = this.#person;
    const { state, work, task } = transition;
    const write = logistic(logit(model.behavior.write[state.affect.state]) + traits.expressive);
    const wrote = draws.at("write") < write;
    const utterance = wrote ? utterances?.pick(state.emotion, draws.at("utterance")) : undefined;
    const signals = this.#signals(before, transition, state.now - startedAt);
    return {
      at: state.now,
      behavior: maskBehavior(
        signals,
        traits.platform,
        (place) => draws.at("missing", place) < model.behavior.missing,
      ),
      context: { activity: `skill-${task.item.skill}`, itemId: task.item.id },
      correct: work.correct,
      wrote,
      ...(utterance === undefined ? {} : { utterance }),
      ...(transition.dropped ? { dropped: true } : {}),
      secondsSpent: transition.seconds,
      supportSeconds: transition.supportSeconds,
    };
  }

  /** All signals of a step, before the platform has its say. */
  #signals(before: LearnerState, { work, task, state }: Transition, sessionMs: number): Behavior {
    const { behavior } = this.#world.model;
    const ms = (seconds: number): number => Math.round(seconds * 1000);
    const answered = work.way !== "skip";
    // u^(log share / log ½) has its median at the share.
    const part = draws.at("helpLatency") ** (Math.log(behavior.helpLatencyShare) / -Math.LN2);
    const helpSeconds = (before.task.troubleSeconds ?? 0) + part * work.seconds;
    return {
      responseTimeMs: answered ? ms(work.seconds) : undefined,
      attempts: task.attempts,
      hintsUsed: task.hints,
      bottomOutHints: task.bottomOutHints,
      helpLatencyMs: work.hints > 0 ? ms(helpSeconds) : undefined,
      correct: answered ? work.correct : undefined,
      correctStreak: before.streak,
      idleMs: ms(work.idleSeconds),
      rapidGuess: answered ? work.seconds < behavior.rapidThreshold : undefined,
      skips: state.skips,
      sessionLengthMs: sessionMs,
      itemDifficulty: task.item.shownDifficulty,
      timeOnTaskMs: ms(task.seconds),
    };
  }
}
