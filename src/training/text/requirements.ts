/** @file What a run needs of its data, asked before the first step instead of found out after hundreds of them. */
import { AppError } from "../../base/errors.js";
import { headNames, headSizes } from "../../base/head.js";
import type { HeadLogits } from "../../calibration/calibration.js";
import type { Experiment } from "../experiment.js";
import { type Dataset, hasLabel } from "./dataset.js";
import { measureFigures } from "./validation.js";

type Wanted = Pick<Experiment, "heads" | "lossWeights" | "selectBy" | "earlyStopping">;

/**
 * Checks that there is something to train on and to choose by.
 * @throws DATA_INVALID when no row is for training or none for validation
 * @throws CONFIG_INVALID when a head has no labelled row to learn from, or a figure asked for cannot be measured
 */
export function requireTrainable(experiment: Wanted, { train, validation, corpora }: Dataset): void {
  const names = corpora.map(({ name }) => name).join(", ");
  for (const [split, rows] of [
    ["training", train],
    ["validation", validation],
  ] as const) {
    if (rows.length === 0) {
      throw new AppError(
        "DATA_INVALID",
        `corpora: expected ${split} rows in ${names}, got none; add rows of that split or raise share`,
      );
    }
  }
  const untaught = experiment.heads.filter(
    (head) => experiment.lossWeights[head] > 0 && !train.some((example) => hasLabel(example, head)),
  );
  if (untaught.length > 0) {
    throw new AppError(
      "CONFIG_INVALID",
      `heads: expected training rows with labels for each, got none for ${untaught.join(", ")} in ${names}; leave them out of heads or add a corpus that has them`,
    );
  }
  requireFigures(experiment, { validation });
}

function requireFigures(
  { selectBy, earlyStopping }: Wanted,
  { validation }: Pick<Dataset, "validation">,
): void {
  // A row of each kind, answered with nothing, gives every figure's name.
  const sample = headNames.flatMap((head) => validation.find((example) => hasLabel(example, head)) ?? []);
  const blank = Object.fromEntries(
    headNames.map((head) => [head, new Float32Array(headSizes[head])]),
  ) as unknown as HeadLogits;
  const known = Object.keys(
    measureFigures(
      sample,
      sample.map(() => blank),
    ),
  );
  for (const [field, figure] of [
    ["selectBy", selectBy],
    ["earlyStopping.figure", earlyStopping?.figure ?? selectBy],
  ] as const) {
    if (known.includes(figure)) continue;
    throw new AppError(
      "CONFIG_INVALID",
      `${field}: expected a figure of the validation data (${known.join(", ") || "none"}), got ${figure}; name one of these`,
    );
  }
}
