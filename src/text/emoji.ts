/** @file Emoji in words: a base encoder that never learned them reads their names instead of one unknown token for all. */
import { createRequire } from "node:module";

/** An emoji sequence, or a pictograph by itself that text styles may show without colour; not the signs © ® ™. */
const pictograph = /\p{RGI_Emoji}|(?![©®™])\p{Extended_Pictographic}/gv;

/** Variation selectors and skin tones: they change how an emoji looks, not what it is called. */
const looks = /[\ufe0e\ufe0f\u{1f3fb}-\u{1f3ff}]/gu;

/** One emoji repeated says no more after this many. */
const mostRepeats = 2;

let names: ReadonlyMap<string, string> | undefined;

/** Names by emoji without their looks; read when the first emoji is met, since most messages have none. */
function loadNames(): ReadonlyMap<string, string> {
  if (names === undefined) {
    const table = createRequire(import.meta.url)("unicode-emoji-json") as Readonly<
      Record<string, { readonly name: string }>
    >;
    names = new Map(Object.entries(table).map(([emoji, { name }]) => [emoji.replace(looks, ""), name]));
  }
  return names;
}

/** Name of an emoji; of a sequence without one, the name of its first part that has one. */
function nameOf(emoji: string): string | undefined {
  const bare = emoji.replace(looks, "");
  for (const part of [bare, ...bare.split("\u200d")]) {
    const name = loadNames().get(part);
    if (name !== undefined) return name;
  }
  return undefined;
}

/**
 * The text with every emoji replaced by its English name between spaces, the same one in a row at most twice:
 * `so tired 😭😭😭` → `so tired  loudly crying face  loudly crying face `. What has no name stays as it is.
 * @source the short names of Unicode's CLDR.
 */
export function nameEmoji(text: string): string {
  let before = "";
  let repeats = 0;
  let end = -1;
  return text.replace(pictograph, (emoji: string, at: number) => {
    const name = nameOf(emoji);
    if (name === undefined) return emoji;
    repeats = at === end && name === before ? repeats + 1 : 1;
    before = name;
    end = at + emoji.length;
    return repeats > mostRepeats ? "" : ` ${name} `;
  });
}
