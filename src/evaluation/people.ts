/** @file How the 41 classes do on text that people wrote of themselves, as far as other corpora's labels can tell. */
import { emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { type BootstrapOptions, bootstrap } from "../metrics/bootstrap.js";
import { measureClasses } from "../metrics/classification.js";
import type { Judgement } from "./judgement.js";
import type { Measured, PeopleFigures } from "./result.js";

/**
 * Measures rows of partial labels on which exactly one of the corpus's classes holds: is it, among those the corpus
 * can name, the one the model finds most probable? Rows on which several hold are left out, and classes the corpus
 * does not ask about are not looked at, since it says nothing of them.
 */
export function measurePeople(
  judgements: readonly Judgement[],
  options: BootstrapOptions,
): Measured<PeopleFigures> {
  const rows = judgements.flatMap(({ example: { partial }, inspection: { analysis } }) => {
    const [truth, ...others] = partial?.holds ?? [];
    if (!partial || truth === undefined || others.length > 0) return [];
    const inOrder = analysis.emotions.map(({ emotion }) => emotionIndex(emotion) as number);
    const prediction = inOrder.find((index) => partial.among.includes(index)) as number;
    return [{ truth, prediction, among: partial.among, free: analysis.primaryEmotion === emotionIds[truth] }];
  });
  const [first] = rows;
  if (!first) return { skipped: "no row on which one class alone holds" };
  const truths = rows.map((row) => row.truth);
  const predictions = rows.map((row) => row.prediction);
  const figures = bootstrap(
    rows.length,
    (indices) => ({
      ...measureClasses(truths, predictions, emotionIds.length, indices),
      free: indices.reduce((sum, i) => sum + Number(rows[i]?.free), 0) / indices.length,
    }),
    options,
  );
  const counts = first.among.map((index) => truths.filter((truth) => truth === index).length);
  return {
    rows: rows.length,
    classes: counts.filter((count) => count > 0).length,
    firstAmongItsOwn: figures.accuracy,
    macroF1: figures.macroF1,
    firstOfAll: figures.free,
    commonest: Math.max(...counts) / rows.length,
  };
}
