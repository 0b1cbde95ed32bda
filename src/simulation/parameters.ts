/** @file The one table of all numbers in the simulator. */
import { affectParameters } from "./affect-parameters.js";
import { behaviorParameters } from "./behavior-parameters.js";
import { emotionParameters } from "./emotion-parameters.js";
import { knowledgeParameters } from "./knowledge-parameters.js";
import type { Parameters } from "./parameter.js";
import { supportParameters } from "./support-parameters.js";

/** Every parameter by name, as described in docs/simulator.md. */
export const defaultParameters: Parameters = {
  ...knowledgeParameters,
  ...affectParameters,
  ...behaviorParameters,
  ...supportParameters,
  ...emotionParameters,
};
