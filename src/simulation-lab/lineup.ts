/** @file The policies that are held against each other, each put to work as it would be. */
import { AppError } from "../base/errors.js";
import type { GuardOptions } from "../policy/guards.js";
import { createConstant, createRandom, createRule, createTextHead, type Policy } from "../policy/policies.js";
import type { ReadinessModel } from "../readiness/model.js";
import { type Chooser, chooseOracle, choosePolicy, withoutGuards } from "./chooser.js";
import type { PolicyName } from "./policy-name.js";

/** What policies are made of. */
export interface LineupParts {
  readonly readiness?: Pick<ReadinessModel, "assessAll"> | undefined;
  readonly learned?: Policy | undefined;
  /** Of `rule` and `learned`; the others are compared as they are. */
  readonly guards: GuardOptions;
  /** Growth of mean p(known) an hour that the oracle prices time at. */
  readonly gainPerHour: number;
  readonly seed: number;
}

/** @throws USAGE where a policy needs a model that was not given */
export function createChooser(name: PolicyName, parts: LineupParts): Chooser {
  const { readiness, learned, guards, gainPerHour, seed } = parts;
  const need = <T>(part: T | undefined, what: string): T => {
    if (part !== undefined) return part;
    throw new AppError(
      "USAGE",
      `simulate ${name}: expected ${what}, got none; name one, or leave the policy out`,
    );
  };
  const bare = (policy: Policy): Chooser => choosePolicy({ policy, guards: withoutGuards, seed });
  switch (name) {
    case "never":
      return bare(createConstant(name, 0));
    case "random":
      return bare(createRandom());
    case "always-mild":
      return bare(createConstant(name, 2));
    case "text-head":
      return bare(createTextHead());
    case "rule":
      return choosePolicy({
        policy: createRule(),
        readiness: need(readiness, "a readiness model"),
        guards,
        seed,
      });
    case "learned":
      return choosePolicy({
        policy: need(learned, "an intervention model"),
        readiness: need(readiness, "a readiness model"),
        guards,
        seed,
      });
    case "oracle":
      return chooseOracle({ gainPerHour, horizon: 12, rollouts: 8 });
  }
}
