/** @file What a parameter of the simulator is, where it comes from, and how the assumed ones are bent to see what hangs on them. */
import { AppError } from "../base/errors.js";

/**
 * What a value counts in; it decides how a value is scaled.
 * `probability` and `share`: odds are scaled, so they stay in [0, 1). `count`: rounded, at least 1. All others: multiplied.
 */
export type ParameterUnit =
  | "probability"
  | "count"
  | "seconds"
  | "minutes"
  | "factor"
  | "weight"
  | "log-odds"
  | "effect size d"
  | "log standard deviation"
  | "share"
  | "per minute";

/** One number of the model. */
export interface Parameter {
  readonly value: number;
  readonly unit: ParameterUnit;
  /** `sourced`: the value is in the source. `assumption`: it is ours, whatever order or direction a source may give. */
  readonly kind: "sourced" | "assumption";
  /** Author and year as listed in docs/simulator.md; empty for an assumption that nothing guides. */
  readonly source: string;
  /** What it does and, for an assumption, why this value. */
  readonly note: string;
}

/** The whole table by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A value read in a paper. */
export function sourced(value: number, unit: ParameterUnit, source: string, note: string): Parameter {
  return { value, unit, kind: "sourced", source, note };
}

/** A value of ours. @param source what gives its direction or order, if anything */
export function assumed(value: number, unit: ParameterUnit, note: string, source = ""): Parameter {
  return { value, unit, kind: "assumption", source, note };
}

function scaleValue({ value, unit }: Parameter, factor: number): number {
  if (unit === "probability" || unit === "share") return (value * factor) / (1 - value + value * factor);
  if (unit === "count") return Math.max(1, Math.round(value * factor));
  return value * factor;
}

/**
 * The table with its assumptions scaled; what is sourced stays. Of a probability or share the odds are scaled.
 * @param factor positive; 0.5 and 2 are the usual ones
 * @param only names, or beginnings of names such as `affect.`, to scale; all assumptions unless given
 * @throws CONFIG_INVALID where the factor is not positive, or `only` names nothing that is assumed
 */
export function scaleAssumptions(
  parameters: Parameters,
  factor: number,
  only?: readonly string[],
): Parameters {
  if (!(Number.isFinite(factor) && factor > 0)) {
    throw new AppError(
      "CONFIG_INVALID",
      `scale assumptions: expected a factor above 0, got ${factor}; try 0.5 or 2`,
    );
  }
  const entries = Object.entries(parameters);
  for (const start of only ?? []) {
    if (!entries.some(([name, { kind }]) => kind === "assumption" && name.startsWith(start))) {
      throw new AppError(
        "CONFIG_INVALID",
        `scale assumptions: expected names of assumptions, got "${start}", which begins none; see docs/simulator.md`,
      );
    }
  }
  return Object.fromEntries(
    entries.map(([name, parameter]) => {
      const meant =
        parameter.kind === "assumption" && (only?.some((start) => name.startsWith(start)) ?? true);
      return [name, meant ? { ...parameter, value: scaleValue(parameter, factor) } : parameter];
    }),
  );
}
