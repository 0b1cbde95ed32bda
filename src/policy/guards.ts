/** @file What no policy may overrule: restrictions on a decision, each with its reason, each visible in the answer. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import type { SupportLevel } from "../emotion/support.js";
import { findCrisisLanguage } from "./crisis-language.js";
import type { GuardName, LevelValue } from "./decision.js";
import { findConfusionStart, findSessionStart, listInterventions, type Situation } from "./situation.js";

/** Settings of the guards. All numbers are assumptions of ours, to be set by whoever runs the platform. */
const schema = z.strictObject({
  uncertainty: z.strictObject({ on: z.boolean().default(true) }).prefault({}),
  "productive-confusion": z
    .strictObject({
      on: z.boolean().default(true),
      /** Confusion that lasts longer than this is no longer left alone, s. */
      dwellSeconds: z.number().positive().default(180),
      /** Least engagement for confusion to count as productive, [0, 1]. */
      minEngagement: z.number().min(0).max(1).default(0.5),
    })
    .prefault({}),
  frequency: z
    .strictObject({
      on: z.boolean().default(true),
      /** Most interventions above none in a session. */
      perSession: z.int().min(0).default(12),
      /** Least time between two of them, minutes. */
      minMinutesBetween: z.number().min(0).default(2),
      /** Pause that ends a session, minutes. */
      sessionPauseMinutes: z.number().positive().default(30),
    })
    .prefault({}),
  crisis: z
    .strictObject({
      on: z.boolean().default(true),
      /** Regular expressions to look for beside the built-in phrases, over normalised text. */
      phrases: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
});

/** Settings with every default filled in. */
export type GuardSettings = z.output<typeof schema>;

/** Settings as they may be given: what is left out has its default. */
export type GuardOptions = z.input<typeof schema>;

/** Fills in the defaults. @throws CONFIG_INVALID naming every field that is wrong */
export function parseGuards(given: unknown = {}, where = "guards"): GuardSettings {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issues = describeIssues(parsed.error, given, schema, "the whole").join("; ");
    throw new AppError("CONFIG_INVALID", `${where}: ${issues}; correct it`);
  }
  for (const phrase of parsed.data.crisis.phrases) compilePhrase(phrase, where);
  return parsed.data;
}

function compilePhrase(phrase: string, where: string): RegExp {
  try {
    return new RegExp(phrase, "u");
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      "CONFIG_INVALID",
      `${where}: crisis.phrases: expected regular expressions, got ${phrase} (${message}); correct it`,
      { cause },
    );
  }
}

/** What the policy proposed, as far as guards care. */
export interface Proposed {
  /** `[6]` in order; empty where the policy estimates none. */
  readonly values: readonly LevelValue[];
  /** Probability that each level is given for the sake of learning from it; a guard against doubt leaves it. */
  readonly floor: number;
}

/** What a guard does to a decision. */
export interface Restriction {
  readonly guard: GuardName;
  /** Why here, in words. */
  readonly reason: string;
  /** Where a level is moved to. */
  readonly move: (level: SupportLevel) => SupportLevel;
  /** Probability of a level that stays where it is; 0 unless told. */
  readonly kept?: number;
  readonly escalate?: "human";
}

/** A guard: looks at a situation and restricts the decision, or has nothing to say. */
export interface Guard {
  readonly name: GuardName;
  /** Why it is there. */
  readonly why: string;
  restrict(situation: Situation, proposed: Proposed): Restriction | undefined;
}

/**
 * Does nothing where the best level may as well be worth nothing: its interval reaches down to none's 0.
 * What is explored on purpose is left, or nothing would be learned where it is needed most.
 */
function guardUncertainty(): Guard {
  const name = "uncertainty";
  return {
    name,
    why: "an interruption that may do nothing or harm is not worth it",
    restrict(_, { values, floor }) {
      const best = values.reduce<LevelValue | undefined>(
        (most, one) => (most === undefined || one.value > most.value ? one : most),
        undefined,
      );
      if (best === undefined || best.level === 0 || best.low > 0) return undefined;
      const reason = `the best level, ${best.level}, is worth ${best.value.toFixed(3)} (${best.low.toFixed(3)} to ${best.high.toFixed(3)}) more than none: it may be worth nothing`;
      return { guard: name, reason, move: () => 0, kept: floor };
    },
  };
}

/**
 * Caps help at preventive while confusion is young and the learner engaged.
 * @source D'Mello, Lehman, Pekrun & Graesser, "Confusion can be beneficial for learning", Learning and Instruction 29, 2014.
 */
function guardConfusion(settings: GuardSettings["productive-confusion"]): Guard {
  const name = "productive-confusion";
  return {
    name,
    why: "confusion that is being worked through teaches; help would take that away",
    restrict({ moments, now, state }) {
      const since = findConfusionStart(moments);
      if (since === undefined || state.engagement < settings.minEngagement) return undefined;
      const seconds = (now - since) / 1000;
      if (seconds >= settings.dwellSeconds) return undefined;
      const reason = `confused for ${Math.round(seconds)} s of ${settings.dwellSeconds} s, and engaged (${state.engagement.toFixed(2)})`;
      return { guard: name, reason, move: (level) => (level === 0 ? 0 : 1) };
    },
  };
}

/** Does nothing where the learner was interrupted often, or just now. */
function guardFrequency(settings: GuardSettings["frequency"]): Guard {
  const name = "frequency";
  const stop = (reason: string): Restriction => ({ guard: name, reason, move: () => 0 });
  return {
    name,
    why: "every interruption costs attention, and many cost goodwill",
    restrict(situation) {
      const { moments, now } = situation;
      const last = listInterventions(moments).at(-1);
      if (last === undefined && settings.perSession > 0) return undefined;
      const start = findSessionStart(situation, settings.sessionPauseMinutes * 60_000);
      const count = listInterventions(moments, start).length;
      if (count >= settings.perSession)
        return stop(`${count} interventions in this session are as many as allowed`);
      const minutes = last === undefined ? Number.POSITIVE_INFINITY : (now - last.at) / 60_000;
      if (minutes >= settings.minMinutesBetween) return undefined;
      return stop(
        `the last one was ${minutes.toFixed(1)} minutes ago, of ${settings.minMinutesBetween} at least`,
      );
    },
  };
}

/** Brings in a human where the message speaks of suicide, self-harm, abuse or violence. */
function guardCrisis({ phrases }: GuardSettings["crisis"]): Guard {
  const name = "crisis";
  const also = phrases.map((phrase) => compilePhrase(phrase, "guards"));
  return {
    name,
    why: "some things a human must hear of at once, whatever a model makes of them",
    restrict({ text, moments }) {
      const words = text ?? moments.at(-1)?.text;
      const found = words === undefined ? undefined : findCrisisLanguage(words, also);
      if (found === undefined) return undefined;
      const reason = `words of ${found.kind} (list ${found.language}); a human has to look`;
      return { guard: name, reason, move: () => 5, escalate: "human" };
    },
  };
}

/**
 * The guards that are on, in the order in which they are applied (`guardNames`): doubt first, since it is about the
 * policy's own choice; then what caps it, then what forbids it; crisis last, so that nothing comes after it.
 */
export function createGuards(settings: GuardSettings): readonly Guard[] {
  const all = [
    { on: settings.uncertainty.on, guard: guardUncertainty() },
    { on: settings["productive-confusion"].on, guard: guardConfusion(settings["productive-confusion"]) },
    { on: settings.frequency.on, guard: guardFrequency(settings.frequency) },
    { on: settings.crisis.on, guard: guardCrisis(settings.crisis) },
  ];
  return all.filter(({ on }) => on).map(({ guard }) => guard);
}
