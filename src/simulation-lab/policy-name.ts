/** @file Names of the policies that are held against each other; by itself, so that a command's help needs no more than this. */

/** Policies in the order of reports. */
export const policyNames = [
  "never",
  "random",
  "always-mild",
  "text-head",
  "rule",
  "learned",
  "oracle",
] as const;

/** Name of a policy that can be simulated. */
export type PolicyName = (typeof policyNames)[number];

/** What each policy is, in words. */
export const policyTitles: Readonly<Record<PolicyName, string>> = {
  never: "never interrupts",
  random: "draws one of the six levels at every step",
  "always-mild": "mild help at every step",
  "text-head": "the level the message alone asks for",
  rule: "a rule written by hand, behind guards",
  learned: "the value network, behind guards",
  oracle: "the best level by the true model, one intervention ahead",
};
