/** @file The labels every model must have, in order: what is stored with a model is held against these on load. */
import { goEmotionLabels } from "./goemotions.js";
import { supportLabels } from "./support.js";
import { emotionIds } from "./taxonomy.js";

/** Labels of each head, in the order of its logits. */
export const headLabels = {
  emotion: emotionIds,
  goemotions: goEmotionLabels,
  pad: ["pleasure", "arousal", "dominance"],
  emobank: ["valence", "arousal", "dominance"],
  readiness: ["readiness"],
  support: supportLabels,
} as const;
