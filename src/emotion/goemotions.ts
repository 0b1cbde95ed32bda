/** @file The 28 labels of GoEmotions in their published order. */

/**
 * GoEmotions labels, `[28]`; the place in the list is the published numeric id.
 * @source Demszky et al., "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020.
 */
export const goEmotionLabels = [
  "admiration",
  "amusement",
  "anger",
  "annoyance",
  "approval",
  "caring",
  "confusion",
  "curiosity",
  "desire",
  "disappointment",
  "disapproval",
  "disgust",
  "embarrassment",
  "excitement",
  "fear",
  "gratitude",
  "grief",
  "joy",
  "love",
  "nervousness",
  "optimism",
  "pride",
  "realization",
  "relief",
  "remorse",
  "sadness",
  "surprise",
  "neutral",
] as const;

/** One of the 28 labels. */
export type GoEmotionLabel = (typeof goEmotionLabels)[number];
