/** @file Folders for what a test writes, removed when the tests of its file are over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, empty, that nobody else writes to. */
export function makeScratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `attune-${name}-`));
  made.push(folder);
  return folder;
}
