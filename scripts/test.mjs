/** @file `npm test`: types, lint and format, then every test; `npm test -- engine` runs only test files whose path has that text. */
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { build, checkNode, guard, installDependencies, listSources, root, runTool, say } from "./setup.mjs";

/** No run may hang a build server: past this the tests still running count as failed. */
const deadlineMs = 18 * 60_000;

const count = { passed: 0, failed: 0, skipped: 0 };

/** Counts a check that is not a test file. */
function check(name, result) {
  count[result.ok ? "passed" : "failed"]++;
  if (result.ok) say(`✔ ${name}`);
  else say(`✖ ${name}\n${result.output}`);
}

/** Counts one event of the test runner: tests, not the suites that hold them, unless a suite itself broke. */
function tally(event, outcome) {
  const isSuite = event.details?.type === "suite";
  if (isSuite && (outcome === "passed" || event.details.error?.failureType === "subtestsFailed")) return;
  const left = event.skip !== undefined || (event.todo !== undefined && outcome === "failed");
  count[left ? "skipped" : outcome]++;
}

async function runTests(files) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), deadlineMs);
  const events = run({ files, concurrency: true, signal: stop.signal });
  events.on("test:pass", (event) => tally(event, "passed"));
  events.on("test:fail", (event) => tally(event, "failed"));
  const report = events.compose(new spec());
  for await (const text of report) process.stdout.write(text);
  clearTimeout(timer);
}

await guard(async () => {
  checkNode();
  installDependencies();
  check("types", build());
  const lint = runTool("@biomejs/biome/bin/biome", ["ci", "--colors=off", "."]);
  check("lint and format", { ok: lint.status === 0, output: `${lint.stdout}${lint.stderr}`.trim() });

  const wanted = process.argv.slice(2);
  // From the sources, so that what a deleted test left in dist is not run.
  const files = listSources()
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => wanted.length === 0 || wanted.some((text) => path.includes(text)))
    .map((path) => join(root, "dist", path.replace(/\.ts$/, ".js")));
  if (files.length > 0) await runTests(files);
  else count.failed++;

  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
  process.exitCode = count.failed > 0 ? 1 : 0;
});
