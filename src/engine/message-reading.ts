/** @file What is remembered of a message once it is read: numbers for all that looks back, and no text. */
import { applyCalibration } from "../calibration/apply.js";
import type { HeadLogits } from "../calibration/calibration.js";
import type { MessageReading } from "../history/moment.js";
import type { ModelIdentity } from "./composition.js";

/**
 * A message's reading from its logits and its vector, calibrated as its analysis is.
 * @param raw logits before any temperature
 * @param embedding the encoder's mean vector of the message, `[hidden]`; kept, not copied
 * @throws MODEL_SHAPE, RUNTIME_FAILED where the logits do not fit or are not finite
 */
export function composeReading(
  raw: HeadLogits,
  embedding: Float32Array,
  { name, version, calibration }: ModelIdentity,
): MessageReading {
  const { emotion, pad, readiness, support } = applyCalibration(raw, calibration);
  const [pleasure, arousal, dominance] = pad as unknown as readonly [number, number, number];
  return Object.freeze({
    emotion: Object.freeze([...emotion]),
    pad: Object.freeze([pleasure, arousal, dominance] as const),
    readiness,
    support: Object.freeze([...support]),
    embedding,
    model: Object.freeze({ name, version }),
  });
}
