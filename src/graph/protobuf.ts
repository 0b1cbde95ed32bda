/** @file The small part of protocol buffers that an ONNX model needs, written and read. */
import { AppError } from "../base/errors.js";

const text = new TextEncoder();

function varint(value: number): number[] {
  const out: number[] = [];
  // Negative numbers are 64-bit two's complement on the wire.
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return out;
}

/** A message under construction: pieces that are joined once, so that large tensors are copied once. */
export class Message {
  readonly pieces: Uint8Array[] = [];
  length = 0;

  #push(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.length += bytes.length;
  }

  /** An integer field. */
  int(field: number, value: number): this {
    this.#push(Uint8Array.from([...varint(field * 8), ...varint(value)]));
    return this;
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    this.#push(Uint8Array.from(varint(field * 8 + 5)));
    this.#push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** A field of raw bytes, kept by reference until the message is joined. */
  bytes(field: number, value: Uint8Array): this {
    this.#push(Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]));
    this.#push(value);
    return this;
  }

  /** A text field. */
  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  /** A nested message. */
  message(field: number, value: Message): this {
    this.#push(Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]));
    for (const piece of value.pieces) this.#push(piece);
    return this;
  }
}

/** The bytes of a message. @throws GRAPH_SHAPE beyond the 2 GB that protocol buffers allow */
export function concatMessages(message: Message): Uint8Array {
  if (message.length >= 2 ** 31) {
    throw new AppError(
      "GRAPH_SHAPE",
      `model: expected under 2 GB, got ${message.length} bytes; keep weights as inputs or quantise them`,
    );
  }
  const out = new Uint8Array(message.length);
  let at = 0;
  for (const piece of message.pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** A field as it stands on the wire: an integer, or bytes that are a text, an array or a message. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/**
 * The fields of a message in their order; bytes are views, not copies. Floats of 4 and 8 bytes come as bytes.
 * @throws MODEL_FILE where it breaks off or is no message
 */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const broken = (what: string): AppError =>
    new AppError(
      "MODEL_FILE",
      `model: expected protocol buffers, got ${what} at byte ${at}; export the model again, or get another copy`,
    );
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw broken("its end in the middle of a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw broken("a number of more than 64 bits");
  };
  const readBytes = (length: number): Uint8Array => {
    if (!(length >= 0 && at + length <= message.length)) throw broken("a length that reaches beyond it");
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = readVarint();
    const number = Number(key >> 3n);
    switch (key & 7n) {
      case 0n:
        yield { number, value: readVarint() };
        break;
      case 1n:
        yield { number, value: readBytes(8) };
        break;
      case 2n:
        yield { number, value: readBytes(Number(readVarint())) };
        break;
      case 5n:
        yield { number, value: readBytes(4) };
        break;
      default:
        throw broken(`wire type ${key & 7n}`);
    }
  }
}
