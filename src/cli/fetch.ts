/** @file `attune fetch`: gets public data and base encoders, or takes them from a folder, whole or not at all. */
import { basename, join } from "node:path";
import { Command } from "commander";
import { AppError } from "../base/errors.js";
import { obtainSource } from "../data/download.js";
import { isSourceName, type Source, type SourceName, sources } from "../data/sources.js";
import { createProgress } from "./progress.js";

interface FetchOptions {
  readonly from?: string;
  readonly to?: string;
  readonly home?: string;
}

const names = Object.keys(sources) as readonly SourceName[];
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
const sizeOf = (source: Source): number => source.files.reduce((sum, { bytes }) => sum + bytes, 0);

/** The command. */
export function fetchCommand(): Command {
  return new Command("fetch")
    .summary("get public data and base encoders")
    .description(
      "Downloads public data and base encoders from their homes, or imports them from a folder. Every file is checked by its SHA-256; a download that was cut off goes on where it stopped.",
    )
    .argument("<name...>", names.join(", "))
    .option("--from <folder>", "import from this folder instead of downloading")
    .option("--to <folder>", "folder to put them in, each in a folder of its own name")
    .option("--home <url>", "download from here instead, e.g. a mirror")
    .addHelpText(
      "after",
      `
What there is:
${names.map((name) => `  ${name.padEnd(11)}${megabytes(sizeOf(sources[name])).padStart(7)}  ${sources[name].title}; ${sources[name].licence}`).join("\n")}

Without --to, data goes to ATTUNE_DATA and encoders to ATTUNE_MODELS where these are set, else to ~/.cache/attune.

Examples:
  $ attune fetch goemotions emobank minilm
  $ attune fetch mpnet --to /data/encoders
  $ attune fetch goemotions --from ~/Downloads/goemotions

Exit codes: 0 all there; 2 no such name; 3 not found, not fetched or a wrong hash; 6 disk full or no right to write.`,
    )
    .action(async (asked: readonly string[], options: FetchOptions) => {
      const wanted = asked.map(checkName);
      if (options.home !== undefined && wanted.length > 1) {
        throw new AppError(
          "USAGE",
          "fetch: expected one name with --home, got several; fetch them one by one",
        );
      }
      for (const name of wanted) await fetchSource(name, options);
    });
}

const checkName = (name: string): SourceName => {
  if (isSourceName(name)) return name;
  throw new AppError("USAGE", `fetch: expected ${names.join(", ")}, got ${name}; see attune fetch --help`);
};

const fetchSource = async (name: SourceName, { from, to, home }: FetchOptions): Promise<void> => {
  const source: Source = sources[name];
  const folder = to === undefined ? source.folder() : join(to, basename(source.folder()));
  const progress = createProgress({ label: `fetch ${name}`, total: sizeOf(source), format: megabytes });
  try {
    const obtained = await obtainSource(source, {
      to: folder,
      onBytes: (done) => progress.update(done),
      ...(from === undefined ? {} : { from }),
      ...(home === undefined ? {} : { home: parseHome(home) }),
    });
    progress.stop();
    const count = (how: string): number => obtained.filter((file) => file.how === how).length;
    const parts = ["downloaded", "imported", "present"].filter((how) => count(how) > 0);
    process.stdout.write(
      `${name}: ${parts.map((how) => `${count(how)} ${how}`).join(", ")} in ${folder} (${source.licence})\n`,
    );
  } finally {
    progress.stop();
  }
};

/** The home with a slash at its end, so that file names are looked for below it. */
const parseHome = (home: string): string => {
  if (!/^https?:/.test(home) || !URL.canParse(home)) {
    throw new AppError(
      "USAGE",
      `fetch: expected --home to be an http or https address, got ${home}; correct it`,
    );
  }
  return home.endsWith("/") ? home : `${home}/`;
};
