/** @file The six levels of help a teacher can give, from none to a human being brought in now. */

/** Levels in order; the place in the list is the level, 0 to 5. */
export const supportLabels = ["none", "preventive", "mild", "moderate", "significant", "critical"] as const;

/** Name of a support level. */
export type SupportLabel = (typeof supportLabels)[number];

/** A support level, 0 (none) to 5 (critical). */
export type SupportLevel = 0 | 1 | 2 | 3 | 4 | 5;

/** What the teacher does at each level. */
export const supportActions: Readonly<Record<SupportLabel, string>> = {
  none: "nothing, or confirm and let them go on",
  preventive: "a tip or a check-in so that a small sign does not grow",
  mild: "encouragement, a hint, a change of approach",
  moderate: "step in: explain again, break the task down, a short break",
  significant: "stop the present task: a longer break, go back to foundations, a person to talk to",
  critical: "the learner cannot go on: end the session kindly, bring in a human now",
};
