/** @file Where models lie: those that came with the package, and folders of one's own. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../base/errors.js";

/** The model used where none is named. */
export const defaultModel = "attune-small";

/** The package's `models` folder. The built file lies in `dist/src/engine`. */
export const modelsFolder = fileURLToPath(new URL("../../../models", import.meta.url));

/** Transitions between emotions used where none are named; learned from simulated learners. */
export const shippedTransitions = fileURLToPath(
  new URL("../../../data/transitions/simulated.json", import.meta.url),
);

/** Names of the models that came with the package, sorted; a name does not say that the model is whole. */
export function listShippedModels(): readonly string[] {
  if (!existsSync(modelsFolder)) return [];
  return readdirSync(modelsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isModel(join(modelsFolder, entry.name)))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Folder of a model: a bare name is first looked for among the shipped ones, anything else is a path.
 * @param makeOne command that makes such a model
 * @throws MODEL_NOT_FOUND naming what is there and what to do
 */
export function locateModel(
  nameOrFolder: string = defaultModel,
  makeOne = "attune train experiments/small.json",
): string {
  const isName = /^[\w.-]+$/.test(nameOrFolder) && !nameOrFolder.startsWith(".");
  const candidates = [...(isName ? [join(modelsFolder, nameOrFolder)] : []), resolve(nameOrFolder)];
  const found = candidates.find(isModel);
  if (found !== undefined) return found;
  const shipped = listShippedModels();
  const remedy =
    shipped.length > 0
      ? `name a shipped one (${shipped.join(", ")}) or a folder that \`attune export\` wrote, or train one: ${makeOne}`
      : `check out the project with its models folder, or train one: ${makeOne}`;
  throw new AppError(
    "MODEL_NOT_FOUND",
    `model ${nameOrFolder}: expected a folder with model.json at ${candidates.join(" or ")}, found none; ${remedy}`,
  );
}

function isModel(folder: string): boolean {
  return existsSync(join(folder, "model.json"));
}
