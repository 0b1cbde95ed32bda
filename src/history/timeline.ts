/** @file The moments of one learner in order of their time, whatever order they arrive in. */
import { isDeepStrictEqual } from "node:util";
import type { Appended } from "./history.js";
import type { Moment } from "./moment.js";

/** Slots left behind by forgotten moments before the list is rebuilt, so that forgetting costs nothing on average. */
const maxSlack = 512;

/**
 * A sorted list of moments with an end that is cheap to add to and a beginning that is cheap to drop: O(log n) for
 * a moment that is the newest, O(n) only for one that comes late.
 */
export class Timeline {
  #slots: (Moment | undefined)[] = [];
  #start = 0;

  /** Moments held. */
  get size(): number {
    return this.#slots.length - this.#start;
  }

  /**
   * Sorts a frozen moment in, after those of the same time. One that is held already is not added again.
   * @param limit most moments to hold, 1 or more; the oldest gives way, and is `outdated` if it is the new one
   */
  insert(moment: Moment, limit: number): Appended {
    const place = this.#findAfter(moment.at);
    for (let i = place - 1; i >= this.#start && this.#at(i).at === moment.at; i--) {
      if (isDeepStrictEqual(this.#at(i), moment)) return "duplicate";
    }
    const full = this.size >= limit;
    if (full && place === this.#start) return "outdated";
    if (place === this.#slots.length) this.#slots.push(moment);
    else this.#slots.splice(place, 0, moment);
    if (full) this.#drop(this.size - limit);
    return "added";
  }

  /** Forgets all that was before `time`, ms since 1970. @returns how many moments that were */
  dropBefore(time: number): number {
    let end = this.#start;
    while (end < this.#slots.length && this.#at(end).at < time) end++;
    const count = end - this.#start;
    this.#drop(count);
    return count;
  }

  /** The last `limit` moments, oldest first. */
  last(limit: number): Moment[] {
    const from = Math.max(this.#start, this.#slots.length - limit);
    return this.#slots.slice(from) as Moment[];
  }

  #drop(count: number): void {
    this.#slots.fill(undefined, this.#start, this.#start + count);
    this.#start += count;
    if (this.#start < maxSlack || this.#start * 2 < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#start);
    this.#start = 0;
  }

  /** Slots from `#start` on are never empty. */
  #at(index: number): Moment {
    return this.#slots[index] as Moment;
  }

  /** The first slot whose moment is later than `time`. */
  #findAfter(time: number): number {
    let [low, high] = [this.#start, this.#slots.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle).at > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
