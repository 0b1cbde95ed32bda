/** @file Windows of token ids to a padded batch, and the model's outputs back to one set of logits a window. */
import { AppError } from "../base/errors.js";
import { headNames, headSizes } from "../base/head.js";
import type { Tensor } from "../runtime/session.js";
import type { Forward } from "./batcher.js";

/** What the engine needs of a runtime session. */
export interface ModelSession {
  run(
    feeds: Readonly<Record<string, Tensor>>,
    wanted: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/** What is read of a pass. */
const wanted = [...headNames, "pooled"] as const;
type OutputName = (typeof wanted)[number];

/**
 * A forward pass over `session`: feeds `input_ids` and `attention_mask`, int64 `[batch, tokens]`, padded to the longest window.
 * @param padId token id that fills the shorter rows; masked, so that it is not attended to
 */
export function createForward(session: ModelSession, padId: number): Forward {
  return async (windows) => {
    const batch = windows.length;
    const tokens = windows.reduce((longest, ids) => Math.max(longest, ids.length), 0);
    const ids = new BigInt64Array(batch * tokens).fill(BigInt(padId));
    const mask = new BigInt64Array(batch * tokens);
    windows.forEach((window, row) => {
      const start = row * tokens;
      window.forEach((id, i) => {
        ids[start + i] = BigInt(id);
      });
      mask.fill(1n, start, start + window.length);
    });
    const dims = [batch, tokens];
    const outputs = await session.run(
      {
        input_ids: { type: "int64", dims, data: ids },
        attention_mask: { type: "int64", dims, data: mask },
      },
      wanted,
    );
    const hidden = outputs.pooled?.dims[1] ?? 0;
    const rows = Object.fromEntries(
      wanted.map((name) => {
        const size = name === "pooled" ? hidden : headSizes[name];
        return [name, splitRows(name, outputs[name], batch, size)];
      }),
    );
    return windows.map((_, row) => ({
      emotion: rowOf(rows, "emotion", row),
      goemotions: rowOf(rows, "goemotions", row),
      pad: rowOf(rows, "pad", row),
      emobank: rowOf(rows, "emobank", row),
      readiness: rowOf(rows, "readiness", row),
      support: rowOf(rows, "support", row),
      pooled: rowOf(rows, "pooled", row),
    }));
  };
}

function rowOf(rows: Record<string, Float32Array[]>, head: OutputName, row: number): Float32Array {
  return (rows[head] as Float32Array[])[row] as Float32Array;
}

/** Copies `[batch, values]` into rows, so that one kept row does not keep the batch. */
function splitRows(
  name: OutputName,
  output: Tensor | undefined,
  batch: number,
  size: number,
): Float32Array[] {
  const data = output?.data;
  if (!(data instanceof Float32Array) || size === 0 || data.length !== batch * size) {
    const got = output === undefined ? "nothing" : `${output.type} [${output.dims.join(",")}]`;
    throw new AppError(
      "MODEL_SHAPE",
      `model output ${name}: expected float32 [${batch},${size || "hidden"}], got ${got}; export the model again with this version`,
    );
  }
  return Array.from({ length: batch }, (_, row) => data.slice(row * size, (row + 1) * size));
}
