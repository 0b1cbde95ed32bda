/** @file From a situation to a decision: the policy proposes, the guards restrict, chance draws, and all of it is told. */
import { AppError } from "../base/errors.js";
import { type SupportLevel, supportActions, supportLabels } from "../emotion/support.js";
import { type DecidedBy, type Decision, levelCount, levels } from "./decision.js";
import { createGuards, type Guard, type GuardOptions, parseGuards, type Restriction } from "./guards.js";
import type { Policy, Proposal } from "./policies.js";
import type { Situation } from "./situation.js";

/** A possible outcome of the decision with its probability. */
interface Branch {
  readonly level: SupportLevel;
  readonly mass: number;
  readonly by: DecidedBy;
}

/** How far probabilities of a policy may be from a sum of 1: rounding of six numbers. */
const tolerance = 1e-6;

/** What a decision is made with. */
export interface DeciderOptions {
  readonly policy: Policy;
  /** Settings of the guards; each is on unless told. */
  readonly guards?: GuardOptions;
  /** Uniform in [0, 1); `Math.random` unless told. */
  readonly random?: () => number;
}

/** Decides what to do for learners. */
export class Decider {
  readonly #policy: Policy;
  readonly #guards: readonly Guard[];
  readonly #random: () => number;

  /** @throws CONFIG_INVALID where the settings of the guards are wrong */
  constructor({ policy, guards, random = Math.random }: DeciderOptions) {
    this.#policy = policy;
    this.#guards = createGuards(parseGuards(guards));
    this.#random = random;
  }

  /** Decides for one learner. @throws as the policy; INTERNAL where the policy's probabilities are none */
  async decide(situation: Situation): Promise<Decision> {
    const [decision] = await this.decideAll([situation]);
    return decision as Decision;
  }

  /** Decides for many, in order; chance is drawn once for each. */
  async decideAll(situations: readonly Situation[]): Promise<readonly Decision[]> {
    const proposals = await this.#policy.propose(situations);
    return situations.map((situation, place) => {
      const proposal = proposals[place];
      if (proposal === undefined || !isDistribution(proposal.probabilities)) {
        throw new AppError(
          "INTERNAL",
          `policy ${this.#policy.name}: expected six probabilities that sum to 1, got ${proposal?.probabilities.join(", ") ?? "none"}; correct the policy`,
        );
      }
      return this.#conclude(situation, proposal);
    });
  }

  #conclude(situation: Situation, proposal: Proposal): Decision {
    const restrictions = this.#guards.flatMap((guard) => guard.restrict(situation, proposal) ?? []);
    const branches = restrictions.reduce(applyRestriction, listBranches(proposal));
    const probabilities = levels.map((level) =>
      branches.reduce((sum, branch) => (branch.level === level ? sum + branch.mass : sum), 0),
    );
    const { level, by } = drawBranch(branches, this.#random());
    const deciding = restrictions.find(({ guard }) => by === `guard:${guard}`);
    return Object.freeze({
      level,
      label: supportLabels[level],
      decidedBy: by,
      propensity: Math.min(1, probabilities[level] as number),
      probabilities,
      values: proposal.values,
      ...(deciding?.guard === "uncertainty" ? { abstained: deciding.reason } : {}),
      ...(deciding?.escalate === undefined ? {} : { escalate: deciding.escalate }),
      explanation: explain(level, proposal, deciding),
    });
  }
}

function isDistribution(probabilities: readonly number[]): boolean {
  const sum = probabilities.reduce((total, one) => total + one, 0);
  return (
    probabilities.length === levelCount &&
    probabilities.every((one) => one >= 0) &&
    Math.abs(sum - 1) <= tolerance
  );
}

function listBranches({ probabilities }: Proposal): readonly Branch[] {
  return levels.flatMap((level) => {
    const mass = probabilities[level] as number;
    return mass > 0 ? [{ level, mass, by: "policy" as const }] : [];
  });
}

/** Moves each branch where the guard wants it; a guard that agrees with a branch leaves it its name. */
function applyRestriction(branches: readonly Branch[], restriction: Restriction): readonly Branch[] {
  const { guard, move, kept = 0, escalate } = restriction;
  return branches.flatMap((branch): Branch[] => {
    const level = move(branch.level);
    // Whoever brings in a human is named, even where the policy would have come to the same level.
    if (level === branch.level && escalate === undefined) return [branch];
    const stays = escalate === undefined ? Math.min(kept, branch.mass) : 0;
    const moved: Branch = { level, mass: branch.mass - stays, by: `guard:${guard}` };
    return [...(stays > 0 ? [{ ...branch, mass: stays }] : []), ...(moved.mass > 0 ? [moved] : [])];
  });
}

function drawBranch(branches: readonly Branch[], share: number): Branch {
  const total = branches.reduce((sum, { mass }) => sum + mass, 0);
  let left = share * total;
  for (const branch of branches) {
    left -= branch.mass;
    if (left < 0) return branch;
  }
  return branches.at(-1) as Branch;
}

function explain(level: SupportLevel, proposal: Proposal, deciding: Restriction | undefined): string {
  const what = `${supportLabels[level]} (${supportActions[supportLabels[level]]})`;
  if (deciding !== undefined)
    return `${what}, by the guard against ${spell(deciding.guard)}: ${deciding.reason}`;
  const value = proposal.values[level];
  const worth =
    value === undefined || level === 0
      ? ""
      : `, worth ${value.value.toFixed(3)} (${value.low.toFixed(3)} to ${value.high.toFixed(3)}) more than none`;
  return `${what}: ${proposal.reason}${worth}`;
}

const spellings: Readonly<Record<Restriction["guard"], string>> = {
  uncertainty: "acting in doubt",
  "productive-confusion": "taking away productive confusion",
  frequency: "interrupting too often",
  crisis: "leaving a crisis to a machine",
};

const spell = (guard: Restriction["guard"]): string => spellings[guard];
