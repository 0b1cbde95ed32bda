#!/usr/bin/env node
/** @file The `attune` command: hands over to the built command line, or says how to build it. */
import { existsSync } from "node:fs";

const main = new URL("../dist/src/cli/main.js", import.meta.url);
if (existsSync(main)) {
  const { runCli } = await import(main.href);
  process.exitCode = await runCli(process.argv.slice(2));
} else {
  process.stderr.write("error USAGE: attune: not built yet; run `npm start` in the checkout once\n");
  process.exitCode = 2;
}
