/** @file Brings weights from a file into our names and layout, whatever wrapper they were saved in, and says exactly what does not fit. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { sameShape } from "../base/shape.js";
import { isMissing } from "./file.js";
import { countElements, type ParameterSpec } from "./parameter.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/**
 * Whose names and layout a file has: `source`, those of the published encoder (`ParameterSpec.source`),
 * or `own`, ours, as `saveWeights` writes.
 */
export type WeightLayout = "source" | "own";

/** Weights found in a file. */
export interface MatchedWeights {
  /** By our names, in our layout, one for each spec. */
  readonly weights: Map<string, Float32Array>;
  /** Tensors of the file that no encoder of ours uses: position ids, poolers, heads of pre-training. */
  readonly ignored: readonly string[];
}

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Parts that training frameworks put before a tensor's name, in any nesting. */
const wrapperParts = [
  "module",
  "model",
  "bert",
  "mpnet",
  "encoder",
  "auto_model",
  "0",
  "model_state_dict",
  "state_dict",
];
const unused = [/(^|\.)position_ids$/, /(^|\.)pooler\./, /^(.*\.)?(cls|lm_head)\./];
const listed = 10;

/**
 * Reads weights for `expected` from a safetensors file or a folder with `model.safetensors`.
 * @returns by our names, in our layout
 * @throws MODEL_NOT_FOUND, MODEL_FILE as `readSafetensors`
 * @throws WEIGHTS_MISMATCH naming all tensors that are missing, unexpected or of another shape
 */
export async function loadWeights(
  folderOrFile: string,
  expected: readonly ParameterSpec[],
): Promise<Map<string, Float32Array>> {
  const path = await findWeights(folderOrFile);
  const { tensors, metadata } = await readSafetensors(path);
  const layout = metadata.layout === "attune" ? "own" : "source";
  return matchWeights(tensors, expected, { layout, where: path }).weights;
}

/**
 * Writes weights under our names in our layout, so that `loadWeights` reads them back as they are.
 * @throws INTERNAL when a spec has no weights
 * @throws MODEL_FILE, DISK_FULL, FILE_SYSTEM as `writeSafetensors`
 */
export async function saveWeights(
  path: string,
  specs: readonly ParameterSpec[],
  weights: ReadonlyMap<string, Float32Array>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors = specs.map(({ name, shape }) => {
    const data = weights.get(name);
    if (data) return [name, { shape, data }] as const;
    throw new AppError(
      "INTERNAL",
      `saveWeights: expected weights for ${name}, got none; pass every parameter`,
    );
  });
  await writeSafetensors(path, new Map(tensors), { ...metadata, layout: "attune" });
}

/**
 * Finds the tensor of every spec: wrapper prefixes are stripped where that makes a name match, and LayerNorm's old
 * `gamma` and `beta` read as `weight` and `bias`.
 * @param options.layout `source` unless given
 * @param options.where the file, for messages
 * @throws WEIGHTS_MISMATCH naming all tensors that are missing, unexpected or of another shape
 * @throws INTERNAL when two specs share a name
 */
export function matchWeights(
  tensors: Tensors,
  expected: readonly ParameterSpec[],
  options: { readonly layout?: WeightLayout; readonly where?: string } = {},
): MatchedWeights {
  const { layout = "source", where = "weights" } = options;
  const wanted = new Map(expected.map((spec) => [nameIn(layout, spec), spec]));
  if (wanted.size < expected.length) {
    throw new AppError(
      "INTERNAL",
      `${where}: expected specs with names of their own, got two alike; rename one`,
    );
  }
  const found = resolveNames([...tensors.keys()], wanted);
  const used = new Set(found.values());
  const weights = new Map<string, Float32Array>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const [name, spec] of wanted) {
    const tensor = tensors.get(found.get(name) ?? "");
    const transposed = layout === "source" && spec.source?.transposed === true;
    const shape = transposed ? spec.shape.toReversed() : spec.shape;
    if (!tensor) missing.push(`${name} [${shape}]`);
    else if (!sameShape(tensor.shape, shape) || tensor.data.length !== countElements(shape)) {
      misshapen.push(`${name} expected [${shape}] got [${tensor.shape}]`);
    } else weights.set(spec.name, transposed ? transpose(tensor.data, shape) : tensor.data);
  }
  const rest = [...tensors.keys()].filter((name) => !used.has(name));
  const ignored = rest.filter((name) => unused.some((pattern) => pattern.test(name)));
  const unexpected = rest.filter((name) => !ignored.includes(name));
  const faults = [
    describeList("missing", missing),
    describeList("unexpected", unexpected),
    describeList("of another shape", misshapen),
  ].filter((part) => part !== "");
  if (faults.length === 0) return { weights, ignored };
  throw new AppError(
    "WEIGHTS_MISMATCH",
    `${where}: expected ${expected.length} tensors, got ${faults.join("; ")}; ` +
      "use weights of the same architecture, or the config.json that belongs to these",
  );
}

function nameIn(layout: WeightLayout, spec: ParameterSpec): string {
  return layout === "source" ? (spec.source?.name ?? spec.name) : spec.name;
}

/**
 * Which tensor of the file stands for each wanted name. A name may match under several wrappers (published names
 * begin with `encoder.` themselves), and two tensors may claim one name: the wrapper that matches most decides.
 */
function resolveNames(names: readonly string[], wanted: ReadonlyMap<string, unknown>): Map<string, string> {
  const candidates = names.flatMap((name) =>
    listWrappers(name)
      .map((wrapper) => ({ name, wrapper, target: modernize(name.slice(wrapper.length)) }))
      .filter(({ target }) => wanted.has(target)),
  );
  const hits = new Map<string, number>();
  for (const { wrapper } of candidates) hits.set(wrapper, (hits.get(wrapper) ?? 0) + 1);
  candidates.sort((a, b) => (hits.get(b.wrapper) ?? 0) - (hits.get(a.wrapper) ?? 0));
  const found = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name, target } of candidates) {
    if (found.has(target) || taken.has(name)) continue;
    found.set(target, name);
    taken.add(name);
  }
  return found;
}

/** The prefixes of `name` that could be wrappers, from none to the longest: ``, `module.`, `module.bert.`. */
function listWrappers(name: string): string[] {
  const wrappers = [""];
  let end = 0;
  for (const part of name.split(".").slice(0, -1)) {
    if (!wrapperParts.includes(part)) break;
    end += part.length + 1;
    wrappers.push(name.slice(0, end));
  }
  return wrappers;
}

/** TensorFlow's names for the parameters of a norm, still in older files. */
function modernize(name: string): string {
  return name.replace(/LayerNorm\.gamma$/, "LayerNorm.weight").replace(/LayerNorm\.beta$/, "LayerNorm.bias");
}

/** `[rows, columns]` to `[columns, rows]`, tile by tile so that both sides stay in cache. */
function transpose(data: Float32Array, shape: readonly number[]): Float32Array {
  const [rows = 1, columns = 1] = shape;
  const out = new Float32Array(data.length);
  const tile = 32;
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left < columns; left += tile) {
      const bottom = Math.min(top + tile, rows);
      const right = Math.min(left + tile, columns);
      for (let r = top; r < bottom; r++) {
        for (let c = left; c < right; c++) out[c * rows + r] = data[r * columns + c] as number;
      }
    }
  }
  return out;
}

function describeList(what: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > listed ? ` and ${items.length - listed} more` : "";
  return `${items.length} ${what}: ${items.slice(0, listed).join(", ")}${more}`;
}

async function findWeights(folderOrFile: string): Promise<string> {
  try {
    if ((await stat(folderOrFile)).isFile()) return folderOrFile;
    const path = join(folderOrFile, "model.safetensors");
    await stat(path);
    return path;
  } catch (cause) {
    if (!isMissing(cause)) throw toAppError(cause, `reading ${folderOrFile}`, "FILE_SYSTEM");
    throw new AppError(
      "MODEL_NOT_FOUND",
      `${folderOrFile}: expected a safetensors file or a folder with model.safetensors, found none; ` +
        "fetch the base encoder, or convert other formats to safetensors",
      { cause },
    );
  }
}
