/** @file The history as the engine asks it: whatever goes wrong there has one name, and what it hands back is checked. */
import { AppError } from "../base/errors.js";
import type { Appended, History } from "../history/history.js";
import type { LearnerKey, Moment } from "../history/moment.js";

const outcomes: readonly unknown[] = ["added", "duplicate", "outdated"] satisfies Appended[];

/** A history whose every failure is HISTORY_FAILED. */
export class Recall {
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  /** Whether messages are to be kept as well. */
  get keepsText(): boolean {
    return this.#history.keepsText === true;
  }

  /** The last moments, oldest first; sorted here where the history did not. @throws HISTORY_FAILED */
  async recent(key: LearnerKey, limit: number): Promise<readonly Moment[]> {
    const moments = checkMoments("recent", await ask("recent", () => this.#history.recent(key, limit)));
    const sorted = moments.every(({ at }, i) => i === 0 || (moments[i - 1] as Moment).at <= at);
    return (sorted ? moments : [...moments].sort((a, b) => a.at - b.at)).slice(-limit);
  }

  /** @throws HISTORY_FAILED where the moment was not kept, or nobody can tell */
  async append(key: LearnerKey, moment: Moment): Promise<Appended> {
    const appended = await ask("append", () => this.#history.append(key, moment));
    if (outcomes.includes(appended)) return appended;
    return fail("append", `added, duplicate or outdated, got ${String(appended)}`);
  }

  /** @throws HISTORY_FAILED */
  erase(key: LearnerKey): Promise<number> {
    return ask("erase", () => this.#history.erase(key));
  }

  /** @throws HISTORY_FAILED */
  async export(key: LearnerKey): Promise<readonly Moment[]> {
    return checkMoments("export", await ask("export", () => this.#history.export(key)));
  }
}

type Question = "recent" | "append" | "erase" | "export";

/** Failures of a store have many faces; what was asked and that nothing may be relied on is what they share. */
async function ask<T>(question: Question, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.code === "HISTORY_FAILED") throw error;
    const message = error instanceof Error ? error.message : String(error);
    return fail(question, `an answer, got an error: ${message}`, error);
  }
}

function checkMoments(question: Question, moments: readonly Moment[]): readonly Moment[] {
  if (!Array.isArray(moments))
    return fail(question, `moments, got ${moments === null ? "null" : typeof moments}`);
  const odd = moments.findIndex((moment: Partial<Moment> | null) => !Number.isFinite(moment?.at));
  if (odd < 0) return moments;
  return fail(question, `moments with a finite time, got ${String(moments[odd]?.at)} at place ${odd}`);
}

function fail(question: Question, expectation: string, cause?: unknown): never {
  throw new AppError(
    "HISTORY_FAILED",
    `history.${question}: expected ${expectation}; nothing was answered or counted: see to the store, then send the call again with the same \`at\``,
    { cause },
  );
}
