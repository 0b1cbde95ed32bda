/** @file Turns what zod found wrong with a file or a caller's object into sentences a person can act on. */
import { z } from "zod";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * One sentence for each issue of `value` under `schema`: where, what was expected, what was found.
 * A message of the schema's own reads `expected …`.
 * @param whole what an issue with the value itself, not a part of it, is said of
 */
export function describeIssues(
  error: z.ZodError,
  value: unknown,
  schema: z.ZodType,
  whole = "the file",
): string[] {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return error.issues
    .flatMap((issue) => describe(issue, [], value, shape))
    .map((sentence) => (sentence.startsWith(":") ? whole + sentence : sentence));
}

function describe(issue: Issue, above: Path, json: unknown, shape: z.core.JSONSchema.BaseSchema): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => describeKey(key, path, shape));
  if (issue.code === "invalid_union") {
    const unknown = issue.errors.find((errors) => errors.some((one) => one.code === "unrecognized_keys"));
    if (unknown !== undefined) {
      const keys = unknown.filter((one) => one.code === "unrecognized_keys");
      return keys.flatMap((one) => describe(one, path, json, shape));
    }
    // The alternative that was entered is the one that was meant.
    const entered = issue.errors.find((errors) => errors.some((one) => one.path.length > 0));
    if (entered !== undefined) return entered.flatMap((one) => describe(one, path, json, shape));
  }
  return [`${print(path)}: expected ${expectation(issue)}, got ${printValue(valueAt(json, path))}`];
}

function describeKey(key: string, path: Path, shape: z.core.JSONSchema.BaseSchema): string {
  const known = keysAt(shape, path);
  const list = known.join(", ");
  if (known.includes(key)) return `${print(path)}: expected only one of ${list}, got more`;
  const close = nearest(key, known);
  const hint = close === undefined ? `known here: ${list}` : `did you mean ${close}?`;
  return `${print([...path, key])}: unknown key, ${hint}`;
}

/** Zod's own words, without what is said around them. */
function expectation(issue: Issue): string {
  if (issue.code === "invalid_union") {
    return [...new Set(issue.errors.flat().map(expectation))].join(" or ");
  }
  return /expected (.*?)(, received .*)?$/.exec(issue.message)?.[1] ?? issue.message;
}

/** Keys an object at `path` may have; of a union those of all alternatives. */
function keysAt(shape: z.core.JSONSchema.BaseSchema, path: Path): string[] {
  let here = alternatives(shape);
  for (const step of path) {
    here = here.flatMap((one) => {
      const next = typeof step === "number" ? one.items : one.properties?.[String(step)];
      return typeof next === "object" && !Array.isArray(next) ? alternatives(next) : [];
    });
  }
  return here.flatMap((one) => Object.keys(one.properties ?? {})).filter((key) => key !== "$schema");
}

function alternatives(shape: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema[] {
  return (shape.anyOf ?? [shape]).filter((one) => typeof one === "object");
}

/** The candidate fewest edits away, if it is near enough to be a slip of the finger. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: countEdits(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}

/** Insertions, deletions and substitutions from `a` to `b` (Levenshtein). */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

function valueAt(json: unknown, path: Path): unknown {
  let value = json;
  for (const step of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  }
  return value;
}

function printValue(value: unknown): string {
  const text = value === undefined ? "nothing" : writeValue(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** JSON where there is some: it has no NaN, and refuses what refers to itself. */
function writeValue(value: unknown): string {
  if (typeof value === "string" || (typeof value === "object" && value !== null)) {
    if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
    try {
      return JSON.stringify(value) ?? "an object";
    } catch {
      return "an object";
    }
  }
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : String(value);
}

/** `corpora[1].weight`; nothing for the value itself. */
function print(path: Path): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text.replace(/^\./, "");
}
