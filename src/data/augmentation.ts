/** @file Light changes to a text as hurried fingers make them: they leave the feeling, and so the labels, as it is. */
import type { Random } from "../base/random.js";

/** Words that may go missing without the sense going with them. Negations and pronouns stay. */
const droppable = new Set("a an the to of is am are was that it and".split(" "));

/** Words that turn the sense round: no slip of the finger may touch them (nor `dont`, `isnt` and their like). */
const negations = new Set("not no never nothing nobody none cannot without barely hardly".split(" "));
const negates = (word: string): boolean => negations.has(word.toLowerCase()) || /nt$/i.test(word);

/** The keys beside each letter on a QWERTY keyboard. */
const neighbours: Readonly<Record<string, string>> = Object.fromEntries(
  ["qwertyuiop", "asdfghjkl", "zxcvbnm"].flatMap((row) =>
    [...row].map((letter, i) => [letter, `${row[i - 1] ?? ""}${row[i + 1] ?? ""}`]),
  ),
);

/** A word of so many letters or more that no apostrophe joins to another. */
const wholeWord = (letters: number): RegExp =>
  new RegExp(`(?<![\\p{L}'’])[a-z]{${letters},}(?![\\p{L}'’])`, "giu");

/** A letter or digit that can be seen; Unicode counts some invisible fillers as letters. */
const readable = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;

type Change = (text: string, random: Random) => string;

/** Each change with its probability at full strength. */
const changes: readonly (readonly [probability: number, Change])[] = [
  [0.35, (text) => text.toLowerCase()],
  [0.35, (text) => text.replace(/(?<=[a-z])['’](?=[a-z])/gi, "")],
  [0.3, (text) => text.replace(/[.,;:](?=\s|$)/g, "")],
  [0.25, dropWord],
  [0.15, repeatLetter],
  [0.4, slip],
  [0.15, slip],
];

/**
 * Returns the text with a few light changes, or as it is.
 * @param strength 0 changes nothing, 1 makes each change with its full probability (a third or so each)
 */
export function augment(text: string, random: Random, strength: number): string {
  let changed = text;
  for (const [probability, change] of changes) {
    if (random.float() < probability * strength) changed = change(changed, random);
  }
  return readable.test(changed) ? changed : text;
}

/** Picks one of the matches of a pattern and replaces it. */
function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  change: (match: string) => string,
): string {
  const matches = [...text.matchAll(pattern)];
  const match = matches[random.below(matches.length)];
  if (!match) return text;
  return text.slice(0, match.index) + change(match[0]) + text.slice(match.index + match[0].length);
}

/** Leaves out one function word with the space after it. */
function dropWord(text: string, random: Random): string {
  const words = [...text.matchAll(/(?<![\p{L}'’])[a-z]+ /giu)].filter(([word]) =>
    droppable.has(word.trim().toLowerCase()),
  );
  const word = words[random.below(words.length)];
  return word ? text.slice(0, word.index) + text.slice(word.index + word[0].length) : text;
}

/** Draws the last vowel of a word out: `so` to `sooo`. */
function repeatLetter(text: string, random: Random): string {
  return replaceOne(text, wholeWord(2), random, (word) =>
    negates(word)
      ? word
      : word.replace(/[aeiou](?=[^aeiou]*$)/i, (vowel) => vowel.repeat(2 + random.below(3))),
  );
}

/** One slip in a word of four letters or more, its first letter kept: a swap, a loss, a doubling or a neighbouring key. */
function slip(text: string, random: Random): string {
  return replaceOne(text, wholeWord(4), random, (word) => {
    if (negates(word)) return word;
    const at = 1 + random.below(word.length - 2);
    const letter = word[at] ?? "";
    const next = word[at + 1] ?? "";
    const beside = neighbours[letter.toLowerCase()] ?? letter;
    const middle = [
      next + letter,
      next,
      letter + letter + next,
      (beside[random.below(beside.length)] ?? "") + next,
    ];
    return word.slice(0, at) + middle[random.below(middle.length)] + word.slice(at + 2);
  });
}
