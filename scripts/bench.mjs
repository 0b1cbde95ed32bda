/** @file `npm run bench`: sets up, then measures speed and memory; `npm run bench -- --help` says what there is. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { guard, root, setUp } from "./setup.mjs";

await guard(async () => {
  setUp();
  await import(pathToFileURL(join(root, "dist", "bench", "main.js")).href);
});
