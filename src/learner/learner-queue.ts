/** @file One call at a time for each learner, so that every answer knows of all before it; other learners do not wait. */

/** Runs tasks of one address one after the other, in the order in which they came, and those of others beside them. */
export class LearnerQueue {
  /** End of each address's queue: settles, and never rejects. An address is here while a task of its is. */
  readonly #ends = new Map<string, Promise<unknown>>();

  /** Addresses with tasks under way. */
  get size(): number {
    return this.#ends.size;
  }

  /** Runs a task when all that came before at its address have ended, in whatever way. */
  run<T>(address: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#ends.get(address) ?? Promise.resolve()).then(task);
    const leave = (): void => {
      if (this.#ends.get(address) === end) this.#ends.delete(address);
    };
    const end = result.then(leave, leave);
    this.#ends.set(address, end);
    return result;
  }
}
