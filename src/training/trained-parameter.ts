/** @file A parameter as training sees it: whether and how fast it moves, and where its gradient comes out of the graph. */
import type { ParameterSpec } from "../model/parameter.js";

/** A parameter of a run, with what the run does with it. */
export interface TrainedParameter extends ParameterSpec {
  readonly frozen?: boolean;
  readonly learningRateScale?: number;
}

/** Name of the output with a parameter's gradient. */
export const gradientName = (parameter: string): string => `gradient.${parameter}`;
