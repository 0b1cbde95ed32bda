/** @file The weights inside a model that was exported, as floats again, so that training can go on from what ships. */
import { AppError } from "../../base/errors.js";
import { readConstants, type StoredConstant } from "../../graph/index.js";
import { geluMinimum } from "../encoder.js";
import { countElements, type ParameterSpec } from "../parameter.js";
import { positionTable } from "../position-table.js";
import { constantNames } from "./constant-names.js";
import { unpackNibbles } from "./four-bit-table.js";
import { raiseBias } from "./quantization.js";

const biasName = /^(.*)\.bias$/;

/**
 * Weights by name from a model that Attune exported: exactly what was exported in fp32, what rounding left of it in int8.
 * Exporting these again gives the same file.
 * @param specs what to look for, as the encoder was before its positions were cut
 * @param where the model's path, for messages
 * @returns row-major; the position table may be shorter than its spec says
 * @throws MODEL_FILE where the bytes are no model
 * @throws WEIGHTS_MISMATCH naming what is not there or has another shape
 */
export function readStoredWeights(
  model: Uint8Array,
  specs: readonly ParameterSpec[],
  where = "model",
): Map<string, Float32Array> {
  const constants = readConstants(model);
  const weights = new Map<string, Float32Array>();
  const faults: string[] = [];
  for (const spec of specs) {
    const { name, shape } = spec;
    const found = restore(constants, spec);
    const size = countElements(shape);
    const fits = found?.length === size || (name === positionTable && found && found.length < size);
    if (found && fits) weights.set(name, found);
    else faults.push(found ? `${name} (${found.length} numbers, not ${size})` : name);
  }
  if (faults.length === 0) return weights;
  const shown = faults.slice(0, 3).join(", ");
  const more = faults.length > 3 ? ` and ${faults.length - 3} more` : "";
  throw new AppError(
    "WEIGHTS_MISMATCH",
    `${where}: expected the weights of this encoder, got none fitting for ${shown}${more}; name a model of the same base, exported by this version`,
  );
}

type Constants = ReadonlyMap<string, StoredConstant>;

/** A parameter as floats, however it is stored; `undefined` where it is not there. */
function restore(constants: Constants, { name, shape }: ParameterSpec): Float32Array | undefined {
  const own = constants.get(name)?.data;
  if (own === undefined) return lowerBias(constants, name);
  if (own instanceof Float32Array) return own;
  const [, columns = 1] = shape;
  const { data: scales, dims = [] } = constants.get(constantNames.scales(name)) ?? {};
  const units = constants.get(constantNames.units(name))?.data;
  if (own instanceof Int8Array && scales instanceof Float32Array)
    return scaleUp(own, columns, scales, dims.length === 2 ? "rows" : "columns");
  if (own instanceof Uint8Array && scales instanceof Int8Array && units instanceof Float32Array)
    return scaleUpBlocks(own, columns, scales, units);
  return undefined;
}

/** value × scale of its row or column. */
function scaleUp(
  values: Int8Array,
  columns: number,
  scales: Float32Array,
  by: "rows" | "columns",
): Float32Array {
  const place = (i: number): number => (by === "rows" ? Math.floor(i / columns) : i % columns);
  return Float32Array.from(values, (value, i) => value * (scales[place(i)] as number));
}

/** value × scale × unit, by blocks of a row; the zeros behind a row's last column are left out. */
function scaleUpBlocks(
  packed: Uint8Array,
  columns: number,
  scales: Int8Array,
  units: Float32Array,
): Float32Array {
  const rows = units.length;
  const padded = (2 * packed.length) / rows;
  const size = (rows * padded) / scales.length;
  const values = unpackNibbles(packed, padded);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    const at = row * padded + (i % columns);
    const scale = Math.fround((scales[Math.floor(at / size)] as number) * (units[row] as number));
    return (values[at] as number) * scale;
  });
}

/** The bias of a product whose inputs were rounded above GELU's minimum. */
function lowerBias(constants: Constants, name: string): Float32Array | undefined {
  const product = biasName.exec(name)?.[1] ?? "";
  const raised = constants.get(constantNames.raisedBias(product))?.data;
  const values = constants.get(`${product}.weight`)?.data;
  const scales = constants.get(constantNames.scales(`${product}.weight`))?.data;
  if (!(raised instanceof Float32Array && values instanceof Int8Array && scales instanceof Float32Array))
    return undefined;
  return raiseBias(raised, values, scales, -geluMinimum);
}
