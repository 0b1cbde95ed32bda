/** @file A history in memory, for one process: bounded, forgetful by design, and gone when the process is. */
import { AppError } from "../base/errors.js";
import type { Appended, History } from "./history.js";
import { validateLearnerKey, writeAddress } from "./learner-key.js";
import type { LearnerKey, Moment } from "./moment.js";
import { validateMoment } from "./moment-validation.js";
import { Timeline } from "./timeline.js";

/** How much is remembered, and for how long. A moment with a reading of 384 numbers takes about 4 kB. */
export interface MemoryHistoryOptions {
  /** Most moments of one learner; the oldest give way. 1,000 unless told. */
  readonly maxPerLearner?: number | undefined;
  /** Most moments of all learners; the learner to whom nothing was added for longest is forgotten. 100,000 unless told. */
  readonly maxTotal?: number | undefined;
  /** A moment older than this, ms, is neither kept nor shown. No limit unless told. */
  readonly maxAgeMs?: number | undefined;
  /** Keep the messages themselves. They are dropped unless told. */
  readonly keepText?: boolean | undefined;
  /** The time by which age is judged, ms since 1970: of a replay of old data, its own. `Date.now` unless told. */
  readonly now?: (() => number) | undefined;
}

/**
 * Keeps moments in memory. What goes in and what comes out are copies: no caller can change what is stored.
 * Adding the newest moment of a learner takes O(log n) of their moments and nothing of the others'.
 *
 * Two moments are the same when all that is kept of them is the same, so without `keepText` their texts do not count.
 * Aged moments are never shown; they leave memory, and the total, with the learner's next call, with `expire`, or
 * within as many appends of others as there are learners.
 * @example
 * const history = new MemoryHistory({ maxAgeMs: 90 * 24 * 3600 * 1000 });
 * await history.append({ tenantId: "", learnerId: "7" }, { at: Date.now(), behavior: { correct: false } });
 */
export class MemoryHistory implements History {
  readonly #maxPerLearner: number;
  readonly #maxTotal: number;
  readonly #maxAgeMs: number;
  readonly #keepText: boolean;
  readonly #now: () => number;
  /** By address, in the order in which something was last added to them. */
  readonly #timelines = new Map<string, Timeline>();
  #total = 0;
  #appendsSinceSweep = 0;

  /** @throws USAGE where a limit is not a whole number of 1 or more, or the age not above 0 */
  constructor(options: MemoryHistoryOptions = {}) {
    this.#maxTotal = requireLimit("maxTotal", options.maxTotal ?? 100_000);
    // Never more of one learner than of all, so that forgetting others always makes room.
    this.#maxPerLearner = Math.min(
      requireLimit("maxPerLearner", options.maxPerLearner ?? 1000),
      this.#maxTotal,
    );
    this.#maxAgeMs = options.maxAgeMs ?? Number.POSITIVE_INFINITY;
    if (!(this.#maxAgeMs > 0)) {
      throw new AppError(
        "USAGE",
        `history: expected maxAgeMs above 0, got ${this.#maxAgeMs}; leave it out to keep moments of any age`,
      );
    }
    this.#keepText = options.keepText ?? false;
    this.#now = options.now ?? Date.now;
  }

  /** As told. */
  get keepsText(): boolean {
    return this.#keepText;
  }

  /** What is held now, aged moments that were not yet removed included. */
  get size(): { readonly learners: number; readonly moments: number } {
    return { learners: this.#timelines.size, moments: this.#total };
  }

  /** @throws INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING where the key or the moment is none */
  async append(key: LearnerKey, moment: Moment): Promise<Appended> {
    const address = readAddress(key, "history.append");
    const { text, ...rest } = validateMoment(moment, "history.append");
    const kept = Object.freeze(this.#keepText && text !== undefined ? { ...rest, text } : rest);
    this.#sweep();
    if (kept.at < this.#oldestKept()) return "outdated";

    const timeline = this.#open(address) ?? new Timeline();
    const before = timeline.size;
    const appended = timeline.insert(kept, this.#maxPerLearner);
    if (appended === "outdated") return appended;
    this.#total += timeline.size - before;
    this.#timelines.delete(address);
    this.#timelines.set(address, timeline);
    this.#evict();
    return appended;
  }

  /** @throws USAGE where the limit is not a whole number of 0 or more; of a key that is none as `append` */
  async recent(key: LearnerKey, limit: number): Promise<readonly Moment[]> {
    const address = readAddress(key, "history.recent");
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new AppError(
        "USAGE",
        `history.recent: expected a limit of 0 or more, got ${limit}; use export for all moments`,
      );
    }
    return Object.freeze((this.#open(address)?.last(limit) ?? []).map(handOut));
  }

  /** @throws as `append`, of a key that is none */
  async erase(key: LearnerKey): Promise<number> {
    const address = readAddress(key, "history.erase");
    const count = this.#open(address)?.size ?? 0;
    this.#forget(address);
    return count;
  }

  /** @throws as `append`, of a key that is none */
  async export(key: LearnerKey): Promise<readonly Moment[]> {
    const timeline = this.#open(readAddress(key, "history.export"));
    return Object.freeze((timeline?.last(timeline.size) ?? []).map(handOut));
  }

  /** Removes all aged moments now; to be called by a clock where nothing may outlive its age in memory. @returns how many */
  expire(): number {
    const before = this.#total;
    for (const address of [...this.#timelines.keys()]) this.#open(address);
    this.#appendsSinceSweep = 0;
    return before - this.#total;
  }

  /** Time before which nothing is kept. */
  #oldestKept(): number {
    return this.#maxAgeMs === Number.POSITIVE_INFINITY ? 0 : this.#now() - this.#maxAgeMs;
  }

  /** A learner's moments without the aged ones; a learner of whom none are left is unknown. */
  #open(address: string): Timeline | undefined {
    const timeline = this.#timelines.get(address);
    if (timeline === undefined) return undefined;
    this.#total -= timeline.dropBefore(this.#oldestKept());
    if (timeline.size > 0) return timeline;
    this.#timelines.delete(address);
    return undefined;
  }

  #forget(address: string): void {
    this.#total -= this.#timelines.get(address)?.size ?? 0;
    this.#timelines.delete(address);
  }

  /** A map lists its keys in the order they were set, so the first learner is the one inactive for longest. */
  #evict(): void {
    for (const address of this.#timelines.keys()) {
      if (this.#total <= this.#maxTotal) return;
      this.#forget(address);
    }
  }

  /** Once in as many appends as there are learners: what a sweep costs is constant for each append. */
  #sweep(): void {
    if (this.#maxAgeMs === Number.POSITIVE_INFINITY) return;
    this.#appendsSinceSweep++;
    if (this.#appendsSinceSweep > this.#timelines.size) this.expire();
  }
}

function readAddress(key: LearnerKey, where: string): string {
  return writeAddress(validateLearnerKey(key, where));
}

function requireLimit(name: string, limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new AppError(
    "USAGE",
    `history: expected ${name} of 1 or more, got ${limit}; leave it out for the usual one`,
  );
}

/** All of a moment is frozen but its embedding, which cannot be: everyone gets one of their own. */
function handOut(moment: Moment): Moment {
  if (moment.reading === undefined) return moment;
  const reading = { ...moment.reading, embedding: moment.reading.embedding.slice() };
  return Object.freeze({ ...moment, reading: Object.freeze(reading) });
}
