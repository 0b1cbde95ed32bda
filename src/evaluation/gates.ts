/** @file Gates: figures an evaluation must reach, so that a build can fail on a model that got worse. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError, toAppError } from "../base/errors.js";

const gate = z
  .strictObject({
    /** Path into the evaluation's JSON, e.g. `learner.registers.accuracy`; a figure with an interval stands for its value. */
    figure: z.string().min(1),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    above: z.number().optional(),
    below: z.number().optional(),
    note: z.string().optional(),
    /** Reported, but missing it does not fail. */
    goal: z.boolean().optional(),
  })
  .refine(
    ({ atLeast, atMost, above, below }) =>
      [atLeast, atMost, above, below].some((limit) => limit !== undefined),
    "expected atLeast, atMost, above or below",
  );

const gatesFile = z.strictObject({ description: z.string().optional(), gates: z.array(gate).min(1) });

/** One figure and what it must reach. */
export type Gate = z.infer<typeof gate>;

/** A gate and how the model stands before it. */
export interface GateOutcome {
  readonly gate: Gate;
  readonly passed: boolean;
  /** Absent where the figure was not measured. */
  readonly value?: number;
  /** Why it was not passed, for a reader. */
  readonly reason?: string;
}

/**
 * Reads a gates file.
 * @throws DATA_NOT_FOUND, FILE_SYSTEM where it cannot be read
 * @throws CONFIG_INVALID where it is not one
 */
export async function readGates(path: string): Promise<readonly Gate[]> {
  const where = `gates ${path}`;
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw toAppError(error, where, "FILE_SYSTEM");
    throw new AppError(
      "DATA_NOT_FOUND",
      `${where}: expected a file, got none; experiments/guide-gates.json is an example`,
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      "CONFIG_INVALID",
      `${where}: expected JSON, got ${(error as Error).message}; correct it`,
      {
        cause: error,
      },
    );
  }
  const parsed = gatesFile.safeParse(json);
  if (parsed.success) return parsed.data.gates;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`);
  throw new AppError(
    "CONFIG_INVALID",
    `${where}: expected {"gates": [{"figure", "atLeast" | "atMost" | "above" | "below", "note"?, "goal"?}]}, got ${issues.join("; ")}; correct these`,
  );
}

/** The number at a path, or why there is none: it was skipped on the way, or there is no such figure. */
function lookUp(result: object, path: string): number | { readonly missing: string } {
  let at: unknown = result;
  let walked = "";
  for (const key of path.split(".")) {
    if (typeof at === "object" && at !== null && "skipped" in at) {
      return { missing: `${walked} was skipped: ${String(at.skipped)}` };
    }
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) {
      const names = typeof at === "object" && at !== null ? Object.keys(at).slice(0, 12).join(", ") : "none";
      return { missing: `no figure ${path}: ${walked || "the result"} has ${names}` };
    }
    at = (at as Readonly<Record<string, unknown>>)[key];
    walked = walked ? `${walked}.${key}` : key;
  }
  if (typeof at === "object" && at !== null && "skipped" in at) {
    return { missing: `${walked} was skipped: ${String(at.skipped)}` };
  }
  if (typeof at === "object" && at !== null && "value" in at) at = at.value;
  return typeof at === "number" && Number.isFinite(at) ? at : { missing: `${path} is no number` };
}

/** A figure as a reader wants it: whole numbers whole, others to four digits. */
export function writeNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`;
}

/** Holds a result against gates; a figure that was not measured fails its gate with the reason. */
export function checkGates(result: object, gates: readonly Gate[]): GateOutcome[] {
  return gates.map((one): GateOutcome => {
    const found = lookUp(result, one.figure);
    if (typeof found !== "number") return { gate: one, passed: false, reason: found.missing };
    const { atLeast, atMost, above, below } = one;
    const unmet = [
      atLeast !== undefined && found < atLeast ? `at least ${atLeast}` : "",
      atMost !== undefined && found > atMost ? `at most ${atMost}` : "",
      above !== undefined && found <= above ? `above ${above}` : "",
      below !== undefined && found >= below ? `below ${below}` : "",
    ].filter(Boolean);
    if (unmet.length === 0) return { gate: one, passed: true, value: found };
    return {
      gate: one,
      passed: false,
      value: found,
      reason: `expected ${unmet.join(" and ")}, got ${writeNumber(found)}`,
    };
  });
}

/**
 * Fails where a gate that is not only a goal was not passed.
 * @throws GATE_NOT_MET naming every figure that fell short
 */
export function enforceGates(outcomes: readonly GateOutcome[]): void {
  const failed = outcomes.filter((outcome) => !outcome.passed && outcome.gate.goal !== true);
  if (failed.length === 0) return;
  throw new AppError(
    "GATE_NOT_MET",
    `gates: expected all ${outcomes.length} met, got ${failed.length} missed: ${failed
      .map(({ gate: one, reason }) => `${one.figure} (${reason})`)
      .join("; ")}; train or calibrate further, or measure what was skipped`,
  );
}
