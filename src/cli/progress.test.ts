import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { createProgress } from "./progress.js";

class Screen extends Writable {
  text = "";
  constructor(readonly isTTY: boolean) {
    super({ decodeStrings: false });
  }
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
  // What a terminal stream has and cli-progress calls.
  cursorTo(): void {}
  clearLine(): void {}
  moveCursor(): void {}
}

describe("progress", () => {
  test("a log gets plain lines without control characters, the last state included", () => {
    const screen = new Screen(false);
    const progress = createProgress({ label: "train", total: 2000, stream: screen, lineIntervalMs: 0 });
    progress.update(500, { loss: 1.23456, note: "warm" });
    progress.update(2000);
    progress.stop();
    progress.update(3000);
    assert.match(screen.text, /^train: 500\/2,000 25% · loss 1\.235 · note warm · 0 s\n/);
    assert.match(screen.text, /train: 2,000\/2,000 100% · loss 1\.235 · note warm/);
    assert.doesNotMatch(screen.text, /3,000|\[\?25/);
  });

  test("lines are kept apart by the interval, and stop writes what was not yet written", () => {
    const screen = new Screen(false);
    const progress = createProgress({ label: "read", total: 0, stream: screen });
    for (let i = 1; i <= 100; i++) progress.update(i);
    assert.equal(screen.text, "");
    progress.stop();
    progress.stop();
    assert.equal(screen.text, "read: 100 · 0 s\n");
  });

  test("a terminal gets a bar that ends at the amount done", () => {
    const screen = new Screen(true);
    const progress = createProgress({
      label: "fetch",
      total: 10,
      stream: screen,
      format: (amount) => `${amount} MB`,
    });
    progress.update(10, { speed: "3 MB/s" });
    progress.stop();
    assert.match(screen.text, /fetch █+ 100% · 10 MB\/10 MB · speed 3 MB\/s/);
  });
});
