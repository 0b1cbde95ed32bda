/** @file `npm start`: sets up, then shows Attune at work, or runs the command given: `npm start -- analyze "I'm lost"`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { guard, root, setUp } from "./setup.mjs";

await guard(async () => {
  setUp();
  const bin = join(root, "bin", "attune.js");
  const args = process.argv.slice(2);
  process.argv = [process.execPath, bin, ...(args.length === 0 ? ["demo"] : args)];
  await import(pathToFileURL(bin).href);
});
