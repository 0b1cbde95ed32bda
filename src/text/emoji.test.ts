import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { nameEmoji } from "./emoji.js";

const words = (text: string): string => nameEmoji(text).replace(/\s+/g, " ").trim();

describe("emoji in words", () => {
  test("single, in a sentence, glued to a word", () => {
    assert.equal(words("so tired 😭"), "so tired loudly crying face");
    assert.equal(words("done🎉now"), "done party popper now");
  });

  test("the same one in a row at most twice; others between start anew", () => {
    assert.equal(words("😂😂😂😂"), "face with tears of joy face with tears of joy");
    assert.equal(words("👍😡👍"), "thumbs up enraged face thumbs up");
    assert.equal(words("😂 and 😂 and 😂").match(/tears of joy/g)?.length, 3);
  });

  test("skin tones and variation selectors change nothing; sequences have their own name", () => {
    assert.equal(words("👍🏽"), "thumbs up");
    assert.equal(words("❤"), words("❤️"));
    assert.equal(words("👩‍💻"), "woman technologist");
    assert.equal(words("🇫🇷"), "flag France");
  });

  test("signs and digits of ordinary text are left alone", () => {
    for (const text of ["© 2024 ®", "1 + 2 = 3 # *", "naïve café", "日本語"])
      assert.equal(nameEmoji(text), text);
  });

  test("text without pictographs comes back unchanged, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (!/\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji}/u.test(text))
          assert.equal(nameEmoji(text), text);
      }),
    );
  });
});
