/** @file The figures of an evaluation as lines a person reads: the same in the terminal and in the report. */
import type { Figure } from "../metrics/bootstrap.js";
import {
  type CalibrationFigures,
  type ChallengeFigures,
  type EmoBankFigures,
  type EvaluationResult,
  type GoEmotionsFigures,
  isSkipped,
  type LearnerFigures,
  type Measured,
  type PeopleFigures,
  type RegressionFigures,
  type SpeedFigures,
} from "./result.js";

/** One figure, written out. */
export interface SummaryLine {
  readonly name: string;
  readonly value: string;
  /** 95 % bootstrap interval. */
  readonly interval?: string;
  readonly note?: string;
}

/** Lines on one subject, or why it was skipped. */
export interface SummaryGroup {
  readonly title: string;
  /** Rows measured on, where the subject has rows. */
  readonly rows?: number;
  readonly lines: readonly SummaryLine[];
  readonly skipped?: string;
}

const three = (value: number): string => value.toFixed(3);

/** The first few of a list, and how many more there are. */
function listShort(names: readonly string[]): string {
  const more = names.length - 6;
  return names.slice(0, 6).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function figureLine(name: string, figure: Figure, note?: string): SummaryLine {
  return {
    name,
    value: three(figure.value),
    interval: `${three(figure.low)} to ${three(figure.high)}`,
    ...(note && { note }),
  };
}

function regressionLines(name: string, figures: RegressionFigures): SummaryLine[] {
  return [
    figureLine(`${name} r`, figures.r),
    figureLine(`${name} mean error`, figures.mae, `best constant ${three(figures.constantMae)}`),
  ];
}

const noteCalibration = ({ eceBefore, eceFloor }: CalibrationFigures): string =>
  `${three(eceBefore)} before calibration; honest confidence would show ${three(eceFloor)} on so few rows`;

function learnerLines(figures: LearnerFigures): SummaryLine[] {
  const { sets, calibration, uncertain, selective, pad, readiness, support } = figures;
  const half = selective.shares.find(({ share }) => share === 0.5);
  const rightOf = (accuracy: number | null): string =>
    accuracy === null ? "none" : `${three(accuracy)} right`;
  return [
    figureLine("top-1 accuracy", figures.accuracy),
    figureLine("top-3 accuracy", figures.top3),
    figureLine("macro-F1", figures.macroF1),
    {
      name: "classes predicted",
      value: `${figures.classesPredicted} of 41`,
      ...(figures.neverPredicted.length > 0 && { note: `never: ${listShort(figures.neverPredicted)}` }),
    },
    {
      name: "calibration error (ECE)",
      value: three(calibration.eceAfter),
      note: noteCalibration(calibration),
    },
    figureLine("prediction sets that cover", sets.covered, `asked ${sets.asked}`),
    figureLine("mean set size", sets.meanSize),
    { name: "top-1 on the most certain half", value: three(half?.accuracy ?? 0) },
    {
      name: "called uncertain",
      value: three(uncertain.share),
      note: `${rightOf(uncertain.accuracy)}; the others ${rightOf(uncertain.accuracyOtherwise)}`,
    },
    ...(isSkipped(pad)
      ? [{ name: "pleasure, arousal, dominance", value: "skipped", note: pad.skipped }]
      : [
          ...regressionLines("pleasure", pad.pleasure),
          ...regressionLines("arousal", pad.arousal),
          ...regressionLines("dominance", pad.dominance),
        ]),
    ...(isSkipped(readiness)
      ? [{ name: "readiness", value: "skipped", note: readiness.skipped }]
      : regressionLines("readiness", readiness)),
    ...(isSkipped(support)
      ? [{ name: "support", value: "skipped", note: support.skipped }]
      : [
          figureLine("support exact", support.accuracy),
          figureLine("support within one", support.withinOne),
          figureLine("support quadratic kappa", support.kappa),
        ]),
  ];
}

function goemotionsLines(figures: GoEmotionsFigures): SummaryLine[] {
  const both = (name: string, { macroF1, microF1 }: GoEmotionsFigures["half"]): SummaryLine[] => [
    figureLine(`macro-F1, ${name}`, macroF1),
    figureLine(`micro-F1, ${name}`, microF1),
  ];
  return [
    ...both("thresholds from dev", figures.fitted),
    ...both(`one threshold (${figures.global.threshold})`, figures.global),
    ...both("threshold .5", figures.half),
    figureLine("top-1 is one of the true labels", figures.anyMatch),
    {
      name: "calibration error (ECE)",
      value: three(figures.calibration.eceAfter),
      note: noteCalibration(figures.calibration),
    },
  ];
}

function emobankLines(figures: EmoBankFigures): SummaryLine[] {
  return [
    ...regressionLines("valence", figures.valence),
    ...regressionLines("arousal", figures.arousal),
    ...regressionLines("dominance", figures.dominance),
  ];
}

function peopleLines(figures: PeopleFigures): SummaryLine[] {
  const { classes, commonest } = figures;
  return [
    figureLine(
      `top-1 among its ${classes} classes`,
      figures.firstAmongItsOwn,
      `always the commonest: ${three(commonest)}`,
    ),
    figureLine(`macro-F1 over the ${classes}`, figures.macroF1),
    figureLine("top-1 of all 41", figures.firstOfAll),
  ];
}

function challengeLines({ sets, ...all }: ChallengeFigures): SummaryLine[] {
  return [...Object.entries(sets), ["all together", all] as const].map(
    ([name, { rows, asExpected, missed, missedInDoubt, constant }]) =>
      figureLine(
        name.replaceAll("-", " "),
        asExpected,
        `${rows} items, ${missed} missed (${missedInDoubt} in doubt); always ${constant.emotion}: ${three(constant.share)}`,
      ),
  );
}

function speedLines({ tokens, oneThread, twoThreads, batch }: SpeedFigures): SummaryLine[] {
  const one = (name: string, { p50Ms, p95Ms }: SpeedFigures["oneThread"]): SummaryLine => ({
    name,
    value: `${p50Ms.toFixed(2)} ms`,
    note: `p95 ${p95Ms.toFixed(2)} ms, ${tokens} tokens, warm`,
  });
  return [
    one("one message, 1 thread, p50", oneThread),
    one("one message, 2 threads, p50", twoThreads),
    {
      name: `batch, ${batch.threads} threads`,
      value: `${Math.round(batch.messagesPerSecond)} messages/s`,
      note: `${batch.messages} messages`,
    },
  ];
}

function group<T extends object>(
  title: string,
  part: Measured<T>,
  lines: (figures: T) => readonly SummaryLine[],
): SummaryGroup {
  if (isSkipped(part)) return { title, lines: [], skipped: part.skipped };
  const rows = "rows" in part && typeof part.rows === "number" ? { rows: part.rows } : {};
  return { title, ...rows, lines: lines(part) };
}

/** Every headline figure in reading order; what was skipped stays, with the reason. */
export function summarize(result: EvaluationResult): SummaryGroup[] {
  const { learner } = result;
  const own = isSkipped(learner.own) ? [] : [group("Own data", learner.own, learnerLines)];
  return [
    group("Learner text, plain, unseen writers", learner.registers, learnerLines),
    group("Learner text, inventive", learner.clusters, learnerLines),
    ...own,
    group("GoEmotions test, 28 labels", result.goemotions, goemotionsLines),
    group("EmoBank test", result.emobank, emobankLines),
    group("Text by people: journals (lemotif)", result.people.lemotif, peopleLines),
    group("Text by people: film subtitles (XED test)", result.people.xed, peopleLines),
    group("Challenge sets, share read as expected", result.challenges, challengeLines),
    group("Speed", result.speed, speedLines),
    group("Edge cases", result.edges, ({ tried, failed, cases }) => [
      {
        name: "answered soundly, or refused as documented",
        value: `${tried - failed} of ${tried}`,
        ...(failed > 0 && {
          note: cases
            .filter((one) => one.got !== one.expected)
            .map((one) => `${one.name}: ${one.got}`)
            .join("; "),
        }),
      },
    ]),
    group("Model directory", result.size, ({ bytes, files }) => [
      { name: "size", value: `${(bytes / 1e6).toFixed(1)} MB`, note: `${files} files` },
    ]),
  ];
}

/** The headline figures for a model's card, by what they measure; what was skipped is left out. */
export function listCardFigures(result: EvaluationResult): Record<string, string> {
  const parts = summarize(result).filter(
    ({ title }) => title !== "Edge cases" && title !== "Model directory",
  );
  return Object.fromEntries(
    parts.flatMap(({ title, lines }) =>
      lines.map(({ name, value, interval, note }) => [
        `${title}: ${name}`,
        [value, interval && `(${interval})`, note && `; ${note}`]
          .filter(Boolean)
          .join(" ")
          .replace(" ;", ";"),
      ]),
    ),
  );
}
