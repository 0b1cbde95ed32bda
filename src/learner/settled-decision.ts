/** @file What is told of a decision once it is clear whether the moment is new, late or known already. */
import { supportLabels } from "../emotion/support.js";
import type { Intervention, Moment } from "../history/moment.js";
import type { Decision } from "../policy/decision.js";

/** What is known of a moment that was decided about. */
export interface MomentFate {
  /** The same moment as it is kept, where it is. */
  readonly repeated?: Moment | undefined;
  /** Whether a later moment was known already. */
  readonly late: boolean;
}

/**
 * - A human who is needed is called, whenever the moment was.
 * - Of a moment that is known, what was decided then holds: a call sent twice must not interrupt twice, nor draw again.
 * - Of a moment that comes after a later one, nothing is decided: what could have been done then is past, and
 *   interventions that followed it do not count as before it.
 */
export function settleDecision(decision: Decision, { repeated, late }: MomentFate): Decision | undefined {
  if (decision.escalate !== undefined) return decision;
  if (repeated !== undefined) {
    return repeated.intervention === undefined ? undefined : recallDecision(decision, repeated.intervention);
  }
  return late ? undefined : decision;
}

/** A decision as it is kept with its moment. */
export function recordDecision(decision: Decision | undefined): Intervention | undefined {
  if (decision === undefined) return undefined;
  const { level, decidedBy, propensity } = decision;
  return { level, decidedBy, propensity };
}

/** What was decided then, with what is thought of the levels now. */
function recallDecision(decision: Decision, kept: Intervention): Decision {
  const { level, propensity } = kept;
  // What is kept came from a decision, whose guards have these names.
  const decidedBy = kept.decidedBy as Decision["decidedBy"];
  if (level === decision.level && decidedBy === decision.decidedBy) return { ...decision, propensity };
  const { abstained: _, ...rest } = decision;
  return {
    ...rest,
    level,
    label: supportLabels[level],
    decidedBy,
    propensity,
    explanation: `${supportLabels[level]}: decided when this moment was first told`,
  };
}
