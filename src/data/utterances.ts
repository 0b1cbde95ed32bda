/** @file Messages of the learner corpus with the emotion each was labelled with: what simulated learners say. */
import { type EmotionId, emotionIds } from "../emotion/taxonomy.js";
import { loadLearner } from "./corpora/learner.js";
import type { Split } from "./example.js";

/** A message and its main emotion. */
export interface Utterance {
  readonly text: string;
  readonly emotion: EmotionId;
}

/** Messages of a split, in the order of the corpus. @throws DATA_NOT_FOUND, DATA_INVALID */
export async function loadUtterances(split: Split): Promise<readonly Utterance[]> {
  const { examples } = await loadLearner();
  return examples.flatMap((example) =>
    example.split === split && example.emotion !== undefined
      ? [{ text: example.text, emotion: emotionIds[example.emotion.primary] as EmotionId }]
      : [],
  );
}
