/** @file How affect on EmoBank's scale agrees with its readers. */
import type { BootstrapOptions } from "../metrics/bootstrap.js";
import { pearson } from "../metrics/correlation.js";
import { groupBy, indicesBelow, type Judgement, measureRegression } from "./judgement.js";
import type { EmoBankFigures, Measured } from "./result.js";

/** Measures judged EmoBank rows; those without its labels are left out. */
export function measureEmoBank(
  judgements: readonly Judgement[],
  options: BootstrapOptions,
): Measured<EmoBankFigures> {
  const rows = judgements.flatMap(({ example, inspection }) =>
    example.emobank
      ? [{ truth: example.emobank, answer: inspection.emobank, source: example.slice ?? "unnamed" }]
      : [],
  );
  if (rows.length === 0) return { skipped: "no test row has valence, arousal and dominance" };
  const axis = (members: typeof rows, index: 0 | 1 | 2) =>
    [members.map((row) => row.truth[index]), members.map((row) => row.answer[index])] as const;
  const correlate = (members: typeof rows, index: 0 | 1 | 2): number =>
    pearson(...axis(members, index), indicesBelow(members.length));
  return {
    rows: rows.length,
    valence: measureRegression(...axis(rows, 0), options),
    arousal: measureRegression(...axis(rows, 1), options),
    dominance: measureRegression(...axis(rows, 2), options),
    slices: groupBy(rows, (row) => row.source).map(([name, members]) => ({
      by: "source",
      name,
      rows: members.length,
      valenceR: correlate(members, 0),
      arousalR: correlate(members, 1),
      dominanceR: correlate(members, 2),
    })),
  };
}
