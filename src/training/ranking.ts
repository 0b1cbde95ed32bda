/** @file Which evaluations were the best, and whether it is time to stop. */
import { AppError } from "../base/errors.js";
import type { Experiment } from "./experiment.js";

/** An evaluation by the figure that ranks it. */
export interface RankedStep {
  readonly step: number;
  readonly figure: number;
}

/** What a checkpoint keeps of a ranking. */
export interface RankingState {
  readonly best: readonly RankedStep[];
  readonly bestWatched: number | null;
  readonly evaluationsWithoutGain: number;
}

type Settings = Pick<Experiment, "selectBy" | "earlyStopping" | "keepBest">;

/** Ranks evaluations by `selectBy` and watches the figure of early stopping. */
export class Ranking {
  readonly #settings: Settings;
  #best: readonly RankedStep[] = [];
  #bestWatched: number | null = null;
  #evaluationsWithoutGain = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get state(): RankingState {
    return {
      best: this.#best,
      bestWatched: this.#bestWatched,
      evaluationsWithoutGain: this.#evaluationsWithoutGain,
    };
  }

  set state(state: RankingState) {
    this.#best = [...state.best];
    this.#bestWatched = state.bestWatched;
    this.#evaluationsWithoutGain = state.evaluationsWithoutGain;
  }

  /**
   * Takes in an evaluation.
   * @returns whether it is the best so far, and whether it is among those to keep
   * @throws CONFIG_INVALID when a figure asked for was not measured
   */
  add(step: number, figures: Readonly<Record<string, number>>): { isBest: boolean; isKept: boolean } {
    const { selectBy, earlyStopping, keepBest } = this.#settings;
    const figure = requireFigure(figures, selectBy);
    const ranked = [...this.#best, { step, figure }].sort((a, b) => b.figure - a.figure);
    this.#best = ranked.slice(0, keepBest);
    if (earlyStopping) {
      const watched = requireFigure(figures, earlyStopping.figure);
      const gained = this.#bestWatched === null || watched > this.#bestWatched;
      if (gained) this.#bestWatched = watched;
      this.#evaluationsWithoutGain = gained ? 0 : this.#evaluationsWithoutGain + 1;
    }
    return { isBest: this.#best[0]?.step === step, isKept: this.#best.some((one) => one.step === step) };
  }

  /** Whether the watched figure has not improved for as long as the experiment allows. */
  get isStale(): boolean {
    const { earlyStopping } = this.#settings;
    return earlyStopping !== null && this.#evaluationsWithoutGain >= earlyStopping.patience;
  }
}

function requireFigure(figures: Readonly<Record<string, number>>, name: string): number {
  const figure = figures[name];
  if (figure === undefined) {
    throw new AppError(
      "CONFIG_INVALID",
      `experiment: expected a validation figure (${Object.keys(figures).join(", ")}), got ${name}; correct selectBy or earlyStopping.figure`,
    );
  }
  return figure;
}
