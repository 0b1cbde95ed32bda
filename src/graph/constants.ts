/** @file Reads back the constants of a model that `encodeModel` wrote: what was trained can be trained on. */
import { AppError } from "../base/errors.js";
import type { ElementType } from "./attributes.js";
import { onnxTypes } from "./ops/elementwise.js";
import { readFields } from "./protobuf.js";
import type { ConstantData } from "./value.js";

/** A constant of a model. */
export interface StoredConstant {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Row-major; a copy of the file's bytes. */
  readonly data: ConstantData;
}

/** Field numbers of `onnx.proto`. */
const fields = {
  model: { graph: 7 },
  graph: { initializer: 5 },
  tensor: { dims: 1, type: 2, name: 8, raw: 9 },
} as const;

const arrays = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<ElementType, unknown>;

const typeOf = (code: bigint): ElementType | undefined =>
  (Object.keys(onnxTypes) as ElementType[]).find((type) => BigInt(onnxTypes[type]) === code);

/**
 * The constants of an ONNX model by their names.
 * @throws MODEL_FILE where the bytes are not such a model
 */
export function readConstants(model: Uint8Array): Map<string, StoredConstant> {
  const constants = new Map<string, StoredConstant>();
  for (const tensor of nested(nested([model], fields.model.graph), fields.graph.initializer)) {
    const [name, constant] = readTensor(tensor);
    constants.set(name, constant);
  }
  return constants;
}

/** The nested messages of that number in each of the messages. */
function nested(messages: readonly Uint8Array[], number: number): Uint8Array[] {
  return messages.flatMap((message) =>
    [...readFields(message)].flatMap((field) =>
      field.number === number && field.value instanceof Uint8Array ? [field.value] : [],
    ),
  );
}

function readTensor(message: Uint8Array): [name: string, constant: StoredConstant] {
  let name = "";
  let type: ElementType | undefined;
  let raw = new Uint8Array(0);
  const dims: number[] = [];
  for (const { number, value } of readFields(message)) {
    if (typeof value === "bigint") {
      if (number === fields.tensor.dims) dims.push(Number(value));
      if (number === fields.tensor.type) type = typeOf(value);
    } else {
      if (number === fields.tensor.name) name = Buffer.from(value).toString("utf8");
      if (number === fields.tensor.raw) raw = new Uint8Array(value);
    }
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  const array = type && arrays[type];
  if (type === undefined || array === undefined || raw.length !== size * array.BYTES_PER_ELEMENT) {
    throw new AppError(
      "MODEL_FILE",
      `model: expected ${size} numbers of constant ${name}, got ${raw.length} bytes of type ${type ?? "unknown"}; export the model again`,
    );
  }
  return [name, { type, dims, data: new array(raw.buffer) }];
}
