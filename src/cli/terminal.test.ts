import assert from "node:assert/strict";
import { test } from "node:test";
import { colorsFor, drawBar, formatPercent, shorten } from "./terminal.js";

test("colours follow the terminal, NO_COLOR and FORCE_COLOR", () => {
  const on = (isTTY: boolean, env: NodeJS.ProcessEnv) => colorsFor({ isTTY }, env).isColorSupported;
  assert.equal(on(true, {}), true);
  assert.equal(on(false, { CI: "true" }), false);
  assert.equal(on(true, { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
  assert.equal(on(true, { TERM: "dumb" }), false);
  assert.equal(on(false, { FORCE_COLOR: "1" }), true);
});

test("bars are as long as their share, always of one width", () => {
  assert.equal(drawBar(0, 4), "····");
  assert.equal(drawBar(0.5, 4), "██··");
  assert.equal(drawBar(0.65625, 4), "██▋·");
  assert.equal(drawBar(1, 4), "████");
  assert.equal(drawBar(7, 4), "████");
});

test("percentages keep their column and never hide a small chance", () => {
  assert.deepEqual([1, 0.784, 0.004, 0].map(formatPercent), ["100 %", " 78 %", " <1 %", "  0 %"]);
});

test("text is one line, cut between characters as readers see them", () => {
  assert.equal(shorten(" a\n\tb  c ", 10), "a b c");
  assert.equal(shorten("👩‍🎓👩‍🎓👩‍🎓", 3), "👩‍🎓👩‍🎓👩‍🎓");
  assert.equal(shorten("👩‍🎓👩‍🎓👩‍🎓", 2), "👩‍🎓…");
  assert.equal(shorten("\u001b[31mred", 20), "[31mred", "a message cannot colour the terminal");
});
