/** @file The numbers of how learners work: time, guessing, hints, skips, idling, and what of it reaches the platform. */
import { perState } from "./affect-parameters.js";
import type { Parameter } from "./parameter.js";
import { assumed, sourced } from "./parameter.js";

const gaming = "Baker et al. 2010; Baker, Corbett & Koedinger 2004";

/** Parameters of behaviour. */
export const behaviorParameters: Readonly<Record<string, Parameter>> = {
  "behavior.seconds": assumed(
    30,
    "seconds",
    "Median time of an answer, engaged and rested, item of middle difficulty; times are lognormal.",
    "van der Linden 2006",
  ),
  "behavior.spreadSeconds": assumed(
    0.45,
    "log standard deviation",
    "Time from answer to answer.",
    "van der Linden 2006",
  ),
  "behavior.spreadSpeed": assumed(
    0.3,
    "log standard deviation",
    "Speed from learner to learner.",
    "van der Linden 2006",
  ),
  "behavior.difficultySeconds": assumed(0.25, "log-odds", "Growth of log time per unit of item difficulty."),
  "behavior.unknownSeconds": assumed(
    0.4,
    "factor",
    "Growth of log time where nothing is known, against all known.",
  ),
  ...perState(
    "behavior.logSeconds",
    { engagement: 0, confusion: 0.3, frustration: 0, boredom: -0.2, delight: -0.1 },
    "factor",
    "Log time added in the state.",
  ),
  "behavior.fatigueSeconds": assumed(0.3, "factor", "Log time added by full fatigue."),
  ...perState(
    "behavior.rapid",
    { engagement: 0.01, confusion: 0.03, frustration: 0.08, boredom: 0.2, delight: 0.01 },
    "probability",
    "Answering without reading; boredom goes with gaming, frustration much less.",
    gaming,
  ),
  "behavior.rapidThreshold": sourced(
    5,
    "seconds",
    "Wise & Kong 2005",
    "Time under which an answer counts as a rapid guess, items of middle length.",
  ),
  "behavior.rapidLeast": assumed(
    1,
    "seconds",
    "Quickest rapid guess; they spread evenly up to the threshold.",
  ),
  "behavior.rapidSuccess": sourced(0.2, "probability", "Chen et al. 2018", "Right answers while disengaged."),
  "behavior.helpAbuse": sourced(
    0.14,
    "probability",
    "Aleven et al. 2006",
    "Actions that abuse hints, runs of quick requests counted once; spread over states by the factors below.",
  ),
  ...perState(
    "behavior.helpAbuseFactor",
    { engagement: 0.3, confusion: 1, frustration: 1.5, boredom: 2, delight: 0.3 },
    "factor",
    "Hint abuse in the state, at half knowledge.",
    gaming,
  ),
  "behavior.hint": assumed(
    0.35,
    "probability",
    "Asking for a hint where nothing is known.",
    "Aleven et al. 2006",
  ),
  "behavior.secondHint": assumed(0.4, "probability", "Asking for a second hint after the first."),
  "behavior.hintSuccess": assumed(0.5, "log-odds", "Success per hint read."),
  "behavior.hintSeconds": assumed(10, "seconds", "Reading a hint."),
  "behavior.bottomOutHints": assumed(3, "count", "Hints until the answer is given away."),
  "behavior.bottomOutShare": assumed(
    0.4,
    "factor",
    "Time of a step whose hints are clicked through, against others.",
  ),
  ...perState(
    "behavior.skip",
    { engagement: 0.003, confusion: 0.01, frustration: 0.04, boredom: 0.05, delight: 0.003 },
    "probability",
    "Leaving a task without an answer.",
  ),
  "behavior.skipShare": assumed(0.5, "factor", "Time of a skipped task, against others."),
  ...perState(
    "behavior.idle",
    { engagement: 0.02, confusion: 0.06, frustration: 0.08, boredom: 0.2, delight: 0.02 },
    "probability",
    "Turning to something else during a step.",
  ),
  "behavior.idleSeconds": assumed(40, "seconds", "Median time turned away."),
  "behavior.spreadIdle": assumed(0.7, "log standard deviation", "Time turned away, from once to the next."),
  "behavior.helpLatencyShare": assumed(
    0.6,
    "share",
    "Of the time on a task, median until help is asked for.",
  ),
  "behavior.missing": assumed(0.05, "probability", "A signal the platform knows, lost at random."),
  ...perState(
    "message.write",
    { engagement: 0.15, confusion: 0.4, frustration: 0.45, boredom: 0.2, delight: 0.3 },
    "probability",
    "Writing a message after a step: trouble makes learners write.",
  ),
  "message.spread": assumed(0.5, "log-odds", "How learners differ in how readily they write."),
};
