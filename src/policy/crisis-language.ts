/** @file Finds words that a human must hear of at once: suicide, self-harm, abuse, planned violence. */
import { type CrisisKind, englishPhrases } from "./crisis-phrases.js";
import { foreignPhrases } from "./foreign-crisis-phrases.js";

/** What was found; never the learner's words. */
export interface CrisisFinding {
  readonly kind: CrisisKind;
  /** ISO 639-1 code of the list that matched. */
  readonly language: string;
}

/**
 * Text as the phrases expect it: lower case, without marks on letters, apostrophes and invisible signs, everything that is
 * neither letter nor digit being one space; look-alike digits inside words read as letters.
 */
export function normalizeForPhrases(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}'’‘`´ʼ]/gu, "")
    .replace(/ı/g, "i")
    .replace(/ł/g, "l")
    .replace(/ß/g, "ss")
    .replace(/ة/g, "ه")
    .replace(/(?<=\p{L})[013$5@](?=\p{L})|\$(?=\p{L})/gu, (sign) => lookalikes[sign] ?? sign)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  $: "s",
  "5": "s",
  "@": "a",
};

/** Scripts written without spaces need no word boundaries, and have none. */
const unspaced = new Set(["zh", "ja", "ko", "hi", "ar"]);

const matchers = [...englishPhrases, ...foreignPhrases].map(({ kind, language, phrases }) => {
  const normalized = phrases.map((phrase) => (unspaced.has(language) ? stripMarks(phrase) : phrase));
  const any = `(?:${normalized.join("|")})`;
  const source = unspaced.has(language) ? any : `(?<![\\p{L}\\p{N}])${any}(?![\\p{L}\\p{N}])`;
  return { kind, language, pattern: new RegExp(source, "u") };
});

/** The marks that `normalizeForPhrases` takes from the text are taken from the phrases. */
function stripMarks(phrase: string): string {
  return phrase.normalize("NFKD").replace(/\p{M}/gu, "").replace(/ة/g, "ه");
}

/**
 * Looks for words of crisis. Meant to miss little and to be wrong often: a denial ("I would never kill myself") is found
 * as well, since only a human should weigh it; what is denied of life ("I don't want to live") is found as such.
 * @param also phrases of a deployment's own, as regular expressions over normalised text
 */
export function findCrisisLanguage(text: string, also: readonly RegExp[] = []): CrisisFinding | undefined {
  const normalized = normalizeForPhrases(text);
  for (const { kind, language, pattern } of matchers) {
    if (pattern.test(normalized)) return { kind, language };
  }
  for (const pattern of also) {
    // A global pattern would go on from where the last text ended.
    if (normalized.search(pattern) >= 0) return { kind: "other", language: "own" };
  }
  return undefined;
}
