/** @file Where corpora and base encoders lie on this machine, so that every command looks in the same place. */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder: the code runs from `dist/src/data/`. */
export const packageFolder = fileURLToPath(new URL("../../../", import.meta.url));

const cacheFolder = (kind: string): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "attune", kind);

/** Folder of a corpus by name: in `ATTUNE_DATA` where that is set, else in the user's cache. */
export function dataFolder(name: string): string {
  return join(process.env.ATTUNE_DATA || cacheFolder("data"), name);
}

/** The folder names base encoders are published under, by the short names `attune fetch` takes. */
const encoderFolders: Readonly<Record<string, string>> = {
  minilm: "all-MiniLM-L6-v2",
  mpnet: "all-mpnet-base-v2",
};

/**
 * Folder of a base encoder: in `ATTUNE_MODELS` where that is set, else in the user's cache.
 * @param name `minilm`, `mpnet`, or a published name such as `all-MiniLM-L6-v2`
 */
export function modelFolder(name: string): string {
  return join(process.env.ATTUNE_MODELS || cacheFolder("models"), encoderFolders[name] ?? name);
}
