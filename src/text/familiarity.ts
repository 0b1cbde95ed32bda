/** @file How familiar a text is beside the texts a model learned from: by its common words, and by the spelling of the others. */

/** What is kept of the training texts, small enough to lie in a model's manifest. */
export interface FamiliarityTable {
  /** The most frequent words, most frequent first, between single spaces. */
  readonly words: string;
  /** Share of all words that are one of these, [0, 1). */
  readonly commonShare: number;
  /** Surprise of each letter after the two before it, `[28, 28, 28]`, a base-64 digit each: eighths of a nat. */
  readonly letters: string;
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digitValues = new Map([...digits].map((digit, value) => [digit, value]));
const digitsPerNat = 8;

/** A word's end (and what stands before its start), a to z, any other letter. */
const symbols = 28;
const otherLetter = symbols - 1;

/** Words that are known as wholes: on validation texts 1,000 did as well as 2,000. */
const mostWords = 1000;

/** Of the Zipf–Mandelbrot law, 1 / (rank + shift). @source Mandelbrot, "An informational theory of the statistical structure of language", 1953. */
const zipfShift = 2.7;

/**
 * A text counts as so many more letters of an ordinary surprise: one strange word alone is weaker evidence than a strange
 * sentence. Chosen on validation texts, where 3 to 12 letters did alike; the surprise is about the mean there.
 */
const priorLetters = 6;
const priorSurprise = 2;

/** Added to the count of every triple of letters, so that none is impossible (assumption). */
const smoothing = 0.5;

/** Runs of letters with their marks, in lower case. */
function splitWords(text: string): string[] {
  return (
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? []
  );
}

/** Symbols of a word, its end included. */
function spell(word: string): number[] {
  const spelled: number[] = [];
  for (const letter of word) {
    spelled.push(letter >= "a" && letter <= "z" ? letter.charCodeAt(0) - 96 : otherLetter);
  }
  spelled.push(0);
  return spelled;
}

/** Place of `next` after the two symbols that `pair` (first · 28 + second) stands for. */
const tripleAt = (pair: number, next: number): number => pair * symbols + next;

/** The pair that stands before the symbol after `next`. */
const shiftPair = (pair: number, next: number): number => (pair % symbols) * symbols + next;

/**
 * Learns what is familiar from training texts. A letter beyond a to z is as surprising as such letters are rare,
 * whatever stands before it: else a text in another script would only be surprising once.
 * @param texts each once
 */
export function learnFamiliarity(texts: Iterable<string>): FamiliarityTable {
  const counts = new Map<string, number>();
  let total = 0;
  for (const text of texts) {
    for (const word of splitWords(text)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      total++;
    }
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const common = ranked.slice(0, mostWords);
  return {
    words: common.map(([word]) => word).join(" "),
    commonShare: common.reduce((sum, [, count]) => sum + count, 0) / (total + 1),
    letters: writeSurprises(counts),
  };
}

function writeSurprises(words: ReadonlyMap<string, number>): string {
  const triples = new Float64Array(symbols ** 3);
  const pairs = new Float64Array(symbols ** 2);
  let all = 0;
  let others = 0;
  for (const [word, count] of words) {
    let pair = 0;
    for (const next of spell(word)) {
      triples[tripleAt(pair, next)] = (triples[tripleAt(pair, next)] as number) + count;
      pairs[pair] = (pairs[pair] as number) + count;
      all += count;
      if (next === otherLetter) others += count;
      pair = shiftPair(pair, next);
    }
  }
  const otherSurprise = -Math.log((others + 1) / (all + 1));
  return Array.from(triples, (count, at) => {
    const before = pairs[Math.floor(at / symbols)] as number;
    const share = (count + smoothing) / (before + smoothing * symbols);
    const surprise = at % symbols === otherLetter ? otherSurprise : -Math.log(share);
    return digits[Math.min(digits.length - 1, Math.round(surprise * digitsPerNat))];
  }).join("");
}

/** Reads how surprising texts are to who knows the training texts only. */
export class Familiarity {
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #commonShare: number;
  /** Sum of the law's weights over the common words. */
  readonly #weights: number;
  /** Nats, `[28, 28, 28]`. */
  readonly #letters: Float32Array;

  constructor({ words, commonShare, letters }: FamiliarityTable) {
    this.#ranks = new Map(words === "" ? [] : words.split(" ").map((word, i) => [word, i + 1]));
    this.#commonShare = commonShare;
    let weights = 0;
    for (let rank = 1; rank <= this.#ranks.size; rank++) weights += 1 / (rank + zipfShift);
    this.#weights = weights;
    this.#letters = Float32Array.from(letters, (digit) => (digitValues.get(digit) ?? 0) / digitsPerNat);
  }

  /**
   * Mean surprise of a text in nats a letter, at least 0; 2 where it has no letters, which says nothing of it.
   *
   * A word w of rank r has P(w) = c · zipf(r) + (1 − c) · Π P(letter | two before), c the share of common words;
   * the text's surprise is (Σ −ln P(w) + 6 · 2) / (letters + 6), a word's end being a letter too.
   */
  measureSurprise(text: string): number {
    let sum = priorLetters * priorSurprise;
    let count = priorLetters;
    for (const word of splitWords(text)) {
      let spelling = 0;
      let pair = 0;
      for (const next of spell(word)) {
        spelling += this.#letters[tripleAt(pair, next)] as number;
        count++;
        pair = shiftPair(pair, next);
      }
      sum += this.#surpriseOf(word, spelling);
    }
    return sum / count;
  }

  /** −ln P(w), written so that a long word's spelling cannot underflow to an impossible one. */
  #surpriseOf(word: string, spelling: number): number {
    const spelled = spelling - Math.log(1 - this.#commonShare);
    const rank = this.#ranks.get(word);
    if (rank === undefined) return spelled;
    const known = (this.#commonShare * (1 / (rank + zipfShift))) / this.#weights;
    return -Math.log(known + Math.exp(-spelled));
  }
}
