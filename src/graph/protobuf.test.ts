import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { concatMessages, Message, readFields } from "./protobuf.js";

/** A field as it stands on the wire: 64-bit integer, 32-bit float or bytes. */
type Field = { readonly field: number; readonly value: bigint | number | Uint8Array };

/** An independent reader of the wire format. */
function decode(bytes: Uint8Array): Field[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      assert.ok(byte !== undefined, "a varint does not run over the end");
      assert.ok(shift < 70n, "a varint has at most ten bytes");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    const field = Number(key >> 3n);
    const wire = key & 7n;
    if (wire === 0n) fields.push({ field, value: BigInt.asIntN(64, varint()) });
    else if (wire === 5n) {
      fields.push({ field, value: new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true) });
      at += 4;
    } else {
      assert.equal(wire, 2n);
      const length = Number(varint());
      assert.ok(at + length <= bytes.length, "a length stays inside the message");
      fields.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const fieldNumber = fc.integer({ min: 1, max: 2 ** 29 - 1 });

describe("protocol buffers", () => {
  test("known bytes, as the specification gives them", () => {
    assert.deepEqual([...concatMessages(new Message().int(1, 150))], [0x08, 0x96, 0x01]);
    const text = concatMessages(new Message().string(2, "testing"));
    assert.deepEqual([...text], [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    const minusOne = concatMessages(new Message().int(1, -1));
    assert.deepEqual([...minusOne], [0x08, ...Array(9).fill(0xff), 0x01]);
  });

  test("integers come back: small, negative, beyond 32 bits", () => {
    const integer = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.constantFrom(0, -1, 127, 128, 2 ** 31, 2 ** 32, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER),
    );
    fc.assert(
      fc.property(fieldNumber, integer, (field, value) => {
        assert.deepEqual(decode(concatMessages(new Message().int(field, value))), [
          { field, value: BigInt(value) },
        ]);
      }),
    );
  });

  test("floats, texts and bytes come back in order, also when nested", () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true }),
        fc.string({ unit: "grapheme" }),
        fc.uint8Array({ maxLength: 300 }),
        (x, text, bytes) => {
          const inner = new Message().float(2, x).string(3, text).bytes(4, bytes);
          const [outer, ...rest] = decode(concatMessages(new Message().message(1, inner)));
          assert.equal(rest.length, 0);
          const fields = decode((outer as Field).value as Uint8Array);
          assert.deepEqual(
            fields.map(({ field }) => field),
            [2, 3, 4],
          );
          assert.ok(Object.is(fields[0]?.value, x));
          assert.equal(
            new TextDecoder("utf-8", { ignoreBOM: true }).decode(fields[1]?.value as Uint8Array),
            text,
          );
          assert.deepEqual(fields[2]?.value, bytes);
        },
      ),
    );
  });

  test("more than protocol buffers can hold is refused before it is copied", () => {
    const message = new Message().bytes(1, new Uint8Array(1));
    message.length = 2 ** 31;
    assert.throws(() => concatMessages(message), {
      code: "GRAPH_SHAPE",
      message: /under 2 GB, got 2147483648 bytes; keep weights as inputs or quantise them/,
    });
  });

  test("what was written is read: integers, floats as their bytes, texts, messages", () => {
    fc.assert(
      fc.property(
        fieldNumber,
        fc.maxSafeInteger(),
        fc.float({ noNaN: true }),
        fc.uint8Array({ maxLength: 300 }),
        (number, integer, x, bytes) => {
          const inner = new Message().int(number, integer).float(2, x).bytes(3, bytes);
          const [outer, ...rest] = readFields(concatMessages(new Message().message(1, inner)));
          assert.equal(rest.length, 0);
          assert.deepEqual(
            [...readFields(outer?.value as Uint8Array)],
            [
              { number, value: BigInt(integer) },
              { number: 2, value: new Uint8Array(Float32Array.of(x).buffer) },
              { number: 3, value: bytes },
            ],
          );
        },
      ),
    );
    const double = [...readFields(Uint8Array.of(0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f))];
    assert.deepEqual(double, [{ number: 1, value: Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf0, 0x3f) }]);
  });

  test("bytes of any kind are read or refused, and a message cut inside a field is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          for (const { value } of readFields(bytes)) assert.ok(value !== undefined);
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === "MODEL_FILE", `${error}`);
        }
      }),
    );
    const message = concatMessages(new Message().bytes(1, new Uint8Array(20)));
    for (let length = 1; length < message.length; length++)
      assert.throws(() => [...readFields(message.subarray(0, length))], { code: "MODEL_FILE" });
    assert.throws(() => [...readFields(Uint8Array.of(0x08, ...Array(10).fill(0xff)))], {
      message: /more than 64 bits/,
    });
    assert.throws(() => [...readFields(Uint8Array.of(0x0b))], { message: /wire type 3/ });
  });
});
