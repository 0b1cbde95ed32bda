/** @file The heads on the pooled vector: what each predicts, in which order, and its weights. */

import { type HeadName, headNames, headSizes } from "../base/head.js";
import type { Value } from "../graph/index.js";
import type { ParameterSpec } from "./parameter.js";
import type { ParameterSource } from "./parameter-source.js";

/** A linear layer `[hidden,size]` for each head. */
export function listHeadParameters(hidden: number): ParameterSpec[] {
  return headNames.flatMap((head): ParameterSpec[] => [
    {
      name: `head.${head}.weight`,
      shape: [hidden, headSizes[head]],
      group: "heads",
      decay: true,
      initial: { kind: "normal" },
    },
    {
      name: `head.${head}.bias`,
      shape: [headSizes[head]],
      group: "heads",
      decay: false,
      initial: { kind: "zeros" },
    },
  ]);
}

/** Logits of every head from the pooled vector `[batch,hidden]`: `[batch,size]` each. */
export function applyHeads(pooled: Value, parameters: ParameterSource): Record<HeadName, Value> {
  const logits = (head: HeadName): Value => parameters.linear(pooled, `head.${head}`);
  return {
    emotion: logits("emotion"),
    goemotions: logits("goemotions"),
    pad: logits("pad"),
    emobank: logits("emobank"),
    readiness: logits("readiness"),
    support: logits("support"),
  };
}
