/** @file Brings a checkout to where it runs: right Node, dependencies installed, TypeScript built; does nothing that is already done. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Folders whose TypeScript is built, as in tsconfig.json. */
export const sourceFolders = ["src", "test", "bench", "docs/examples"];

/** A set-up step that cannot go on; the message says what to do. */
export class SetupError extends Error {}

/** Says what is going on, on stderr, so that stdout holds results only. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @throws SetupError where this Node is older than package.json's `engines` asks. */
export function checkNode(version = process.versions.node) {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node.replace(
    /[^\d.]/g,
    "",
  );
  const [major, minor] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = wanted.split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `Node: expected ${wanted} or newer, got ${version}; install the current LTS from https://nodejs.org and run again`,
  );
}

/** Installs exactly what package-lock.json names, where that is not yet so. Returns whether anything was done. */
export function installDependencies() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  const stamp = join(root, "node_modules", ".attune-lock");
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(installed)) {
    // The time tells of an install made by hand, the stamp of one whose lock was merely touched by git.
    if (statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return false;
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return false;
  }
  say("Installing dependencies (npm ci); a minute or so the first time …");
  const run = runNpm(["ci", "--include=dev", "--no-fund", "--no-audit", "--loglevel=error"]);
  if (run.error !== undefined) {
    throw new SetupError(
      `npm: could not be started (${run.error.message}); install Node together with npm from https://nodejs.org`,
    );
  }
  if (run.status !== 0) throw new SetupError(explainInstallFailure(`${run.stdout}${run.stderr}`));
  writeFileSync(stamp, hash);
  return true;
}

function runNpm(args) {
  const npm = process.env.npm_execpath;
  const options = { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 };
  if (npm?.endsWith(".js")) return spawnSync(process.execPath, [npm, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

function explainInstallFailure(output) {
  const tail = output.trim().split("\n").slice(-12).join("\n");
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|CERT/.test(output)
  ) {
    return `npm ci: no way to the package registry; connect to the network (or set npm's \`registry\` or \`proxy\`) and run again\n${tail}`;
  }
  if (/ENOSPC/.test(output)) return `npm ci: the disk is full; free about 1 GB and run again\n${tail}`;
  if (/EACCES|EPERM/.test(output)) {
    return `npm ci: no right to write in ${root}; make the folder yours and run again\n${tail}`;
  }
  return `npm ci: failed; remove node_modules and run again, or see npm's message:\n${tail}`;
}

/** Source files as `src/a/b.ts`, sorted. */
export function listSources() {
  return sourceFolders.flatMap((folder) => listFiles(folder)).sort();
}

function listFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** Whether a source, the compiler's settings or a dependency is newer than the last build. */
export function isBuilt() {
  const stamp = join(root, "dist", ".built");
  if (!existsSync(stamp)) return false;
  const builtAt = statSync(stamp).mtimeMs;
  const inputs = [...listSources(), "tsconfig.json", "package-lock.json"];
  return inputs.every((path) => statSync(join(root, path)).mtimeMs <= builtAt);
}

/** Runs the compiler: `{ ok, output }`. It writes JavaScript even where types do not hold. */
export function build() {
  const startedAt = new Date();
  const run = runTool("typescript/bin/tsc", ["-p", root]);
  const ok = run.status === 0;
  if (ok) {
    mkdirSync(join(root, "dist"), { recursive: true });
    writeFileSync(join(root, "dist", ".built"), `${startedAt.toISOString()}\n`);
  }
  return { ok, output: `${run.stdout}${run.stderr}`.trim() };
}

/** Runs a development tool out of node_modules with this Node. */
export function runTool(path, args) {
  const file = join(root, "node_modules", path);
  if (!existsSync(file)) {
    throw new SetupError(`${path}: not installed; run \`npm ci --include=dev\` in ${root}`);
  }
  const run = spawnSync(process.execPath, [file, ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (run.error !== undefined) throw new SetupError(`${path}: could not be started (${run.error.message})`);
  return run;
}

/** The whole set-up. @throws SetupError */
export function setUp() {
  checkNode();
  const installed = installDependencies();
  if (isBuilt() && !installed) return;
  say("Building …");
  const { ok, output } = build();
  if (!ok)
    throw new SetupError(
      `build: types do not hold; mend the source (or check out a released version)\n${output}`,
    );
}

/** Runs `work`; a set-up error is printed as one, with exit code 6. */
export async function guard(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`error ${error.message}`);
    process.exitCode = 6;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await guard(setUp);
