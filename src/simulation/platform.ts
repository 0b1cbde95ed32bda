/** @file What each kind of platform reports of a step, and what gets lost on the way. */
import type { Behavior, BehaviorSignal } from "../behavior/signals.js";
import { behaviorSignalNames } from "../behavior/signals.js";

/** Signals a kind of platform knows. `tutor`: all; `quiz`: answers and times; `course`: sessions and skips; `chat`: next to nothing. */
export const platformSignals = {
  tutor: behaviorSignalNames,
  quiz: [
    "responseTimeMs",
    "attempts",
    "correct",
    "correctStreak",
    "rapidGuess",
    "itemDifficulty",
    "timeOnTaskMs",
  ],
  course: ["correct", "attempts", "skips", "sessionLengthMs", "idleMs", "timeOnTaskMs"],
  chat: ["idleMs", "sessionLengthMs", "helpLatencyMs"],
} as const satisfies Record<string, readonly BehaviorSignal[]>;

/** A kind of platform. */
export type PlatformProfile = keyof typeof platformSignals;

/** The kinds in their one order. */
export const platformProfiles = Object.keys(platformSignals) as readonly PlatformProfile[];

/**
 * What arrives of a step's signals: those the platform knows, less what is lost at random.
 * @param lost whether the signal at a place in `behaviorSignalNames` is lost this time
 */
export function maskBehavior(
  behavior: Behavior,
  platform: PlatformProfile,
  lost: (place: number) => boolean,
): Behavior {
  const known: readonly BehaviorSignal[] = platformSignals[platform];
  const kept: Record<string, number | boolean> = {};
  behaviorSignalNames.forEach((name, place) => {
    const value = behavior[name];
    if (value !== undefined && known.includes(name) && !lost(place)) kept[name] = value;
  });
  return kept;
}
