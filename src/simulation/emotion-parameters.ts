/** @file The numbers of what is felt and written in each affect state: all assumptions, so that messages vary as learners do. */
import type { EmotionId } from "../emotion/taxonomy.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { Parameter } from "./parameter.js";
import { assumed } from "./parameter.js";
import type { AffectState } from "./step.js";
import { affectStates } from "./step.js";

type Weights = Readonly<Partial<Record<EmotionId, number>>>;

/** Weights above the background; each state's own emotion leads. */
const weights: Readonly<Record<AffectState, Weights>> = {
  engagement: {
    engagement: 0.2,
    curiosity: 0.14,
    concentration: 0.14,
    flow_state: 0.08,
    confidence: 0.08,
    neutral: 0.16,
    contentment: 0.04,
    satisfaction: 0.05,
    excitement: 0.03,
    serenity: 0.02,
    doubt: 0.03,
    gratitude: 0.02,
    mastery: 0.03,
  },
  confusion: {
    confusion: 0.42,
    doubt: 0.14,
    curiosity: 0.1,
    cognitive_overload: 0.08,
    anxiety: 0.07,
    concentration: 0.05,
    neutral: 0.08,
    surprise: 0.03,
  },
  frustration: {
    frustration: 0.44,
    disappointment: 0.1,
    anger: 0.06,
    anxiety: 0.09,
    shame: 0.06,
    cognitive_overload: 0.07,
    distress: 0.04,
    embarrassment: 0.03,
    sadness: 0.03,
    bitterness: 0.02,
    contempt: 0.01,
    jealousy: 0.01,
    guilt: 0.01,
    doubt: 0.03,
  },
  boredom: {
    boredom: 0.55,
    fatigue: 0.12,
    neutral: 0.18,
    contempt: 0.03,
    disappointment: 0.03,
    sadness: 0.02,
    disgust: 0.01,
    guilt: 0.01,
  },
  delight: {
    breakthrough_moment: 0.2,
    joy: 0.18,
    satisfaction: 0.14,
    pride: 0.12,
    excitement: 0.1,
    elation: 0.06,
    surprise: 0.06,
    gratitude: 0.05,
    mastery: 0.05,
    awe: 0.02,
    admiration: 0.02,
  },
};

/** Emotions made likelier by a right answer. */
export const successEmotions: readonly EmotionId[] = [
  "satisfaction",
  "pride",
  "confidence",
  "mastery",
  "joy",
  "breakthrough_moment",
];

/** Emotions made likelier by a wrong one. */
export const failureEmotions: readonly EmotionId[] = [
  "disappointment",
  "shame",
  "embarrassment",
  "doubt",
  "guilt",
  "anger",
  "sadness",
];

/** Emotions made likelier by an anxious disposition. */
export const anxiousEmotions: readonly EmotionId[] = ["anxiety", "fear", "distress", "shame", "doubt"];

/** Emotions made likelier by tiredness. */
export const tiredEmotions: readonly EmotionId[] = ["fatigue", "pain", "cognitive_overload"];

function listWeights(): Record<string, Parameter> {
  const rows: [string, Parameter][] = [];
  for (const state of affectStates) {
    for (const emotion of emotionIds) {
      const weight = weights[state][emotion];
      if (weight === undefined) continue;
      const note = `Felt and written in ${state}, before outcome, disposition and tiredness weigh in.`;
      rows.push([`emotion.${state}.${emotion}`, assumed(weight, "weight", note)]);
    }
  }
  return Object.fromEntries(rows);
}

/** Parameters of emotions. */
export const emotionParameters: Readonly<Record<string, Parameter>> = {
  ...listWeights(),
  "emotion.background": assumed(0.002, "weight", "Each of the 41 in any state: learners have lives."),
  "emotion.afterSuccess": assumed(2.5, "factor", `Right answer: ${successEmotions.join(", ")}.`),
  "emotion.afterFailure": assumed(2, "factor", `Wrong answer: ${failureEmotions.join(", ")}.`),
  "emotion.anxious": assumed(3, "factor", `Most anxious disposition: ${anxiousEmotions.join(", ")}.`),
  "emotion.tired": assumed(8, "factor", `Full fatigue: ${tiredEmotions.join(", ")}.`),
};
