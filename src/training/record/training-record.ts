/** @file What every model's manifest tells of the run it came from. */

/**
 * Name and seed of the experiment, and how far it went.
 * @param state of the checkpoint the model is made from; seconds become minutes with one decimal
 */
export function recordTraining(
  experiment: { readonly name: string; readonly seed: number },
  state: { readonly step: number; readonly epoch: number; readonly seconds: number },
) {
  return {
    experiment: experiment.name,
    seed: experiment.seed,
    steps: state.step,
    epochs: state.epoch,
    minutes: Math.round(state.seconds / 6) / 10,
  };
}
