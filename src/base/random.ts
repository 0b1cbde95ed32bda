/** @file Seeded randomness with a state that can be saved, so that an interrupted run goes on exactly as it would have. */

/** The whole state of a generator: four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/**
 * xoshiro128** seeded by splitmix32: small, fast, good enough for shuffles, masks and bootstraps; not for secrets.
 * @source Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  private constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** A generator for `seed` (any integer) and, if given, a `stream` name, so that independent uses do not share draws. */
  static seeded(seed: number, stream = ""): Random {
    let z = seed >>> 0;
    for (let i = 0; i < stream.length; i++) z = Math.imul(z ^ stream.charCodeAt(i), 0x01000193) >>> 0;
    const next = (): number => {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      return (t ^ (t >>> 15)) >>> 0;
    };
    return new Random([next(), next(), next(), next()]);
  }

  /** A generator that continues from a saved state. */
  static restore(state: RandomState): Random {
    return new Random(state);
  }

  /** The state to save; `Random.restore(state)` continues from here. */
  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    const r = Math.imul(this.#b, 5);
    const result = Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
    const t = (this.#b << 9) >>> 0;
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    this.#a = a >>> 0;
    this.#b = b >>> 0;
    this.#c = c >>> 0;
    this.#d = d >>> 0;
    return result;
  }

  /** Uniform in [0, 1). */
  float(): number {
    return this.uint32() / 4294967296;
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.float() * n);
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = items[i] as T;
      items[i] = items[j] as T;
      items[j] = kept;
    }
    return items;
  }
}
