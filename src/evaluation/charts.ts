/** @file The pictures of an evaluation: where classes are confused, how honest confidence is, how scores agree. */
import { axisLook, type Chart, draw, ink, legendLook, palette } from "./drawing.js";
import {
  type EvaluationResult,
  type GoEmotionsFigures,
  isSkipped,
  type LearnerFigures,
  type RegressionFigures,
} from "./result.js";

/** One kind of learner text that was measured. */
interface Kind {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly figures: LearnerFigures;
}

/** Class ids for readers. */
export const spell = (id: string): string => id.replaceAll("_", " ");

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function listKinds({ learner }: EvaluationResult): Kind[] {
  const all = [
    { id: "registers", name: "plain text, unseen writers", color: palette.blue, figures: learner.registers },
    { id: "clusters", name: "inventive text", color: palette.orange, figures: learner.clusters },
    { id: "own", name: "own data", color: palette.green, figures: learner.own },
  ];
  return all.flatMap((kind) => (isSkipped(kind.figures) ? [] : [{ ...kind, figures: kind.figures }]));
}

/** Heat map: each row is a true class, each cell the share of it that was given the column's class. */
function drawConfusion({ id, name, figures }: Kind): Chart {
  const names = figures.perClass.map(({ emotion }) => spell(emotion));
  const cells = figures.confusion.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, prediction) => (count === 0 ? [] : [[prediction, truth, count / total]]));
  });
  const axis = {
    ...axisLook,
    type: "category",
    data: names,
    splitLine: { show: true, lineStyle: { color: ink, opacity: 0.07 } },
  };
  return draw(
    {
      name: `confusion-${id}`,
      title: `Confusion: ${name}`,
      description:
        "Rows are true classes, columns predicted ones; darker cells hold a larger share of their row.",
    },
    { width: 980, height: 972 },
    {
      grid: { left: 190, right: 20, top: 12, bottom: 232 },
      xAxis: {
        ...axis,
        name: "predicted",
        nameGap: 152,
        axisLabel: { ...axisLook.axisLabel, interval: 0, rotate: 90 },
      },
      yAxis: {
        ...axis,
        name: "true",
        nameGap: 150,
        inverse: true,
        axisLabel: { ...axisLook.axisLabel, interval: 0 },
      },
      visualMap: {
        min: 0,
        max: 1,
        calculable: false,
        orient: "horizontal",
        left: "center",
        bottom: 4,
        itemWidth: 14,
        itemHeight: 220,
        text: ["all of the class", "none"],
        textStyle: { color: ink, fontSize: 12 },
        // Transparent to full: the scale reads the same on a light and on a dark page.
        inRange: { color: ["rgba(47,127,193,0.08)", "rgba(47,127,193,0.5)", "rgba(47,127,193,1)"] },
      },
      series: [{ type: "heatmap", data: cells, silent: true }],
    },
  );
}

/** Bars of F1, best on top, with the count behind each. */
function drawBars(
  about: Pick<Chart, "name" | "title" | "description">,
  bars: readonly { readonly name: string; readonly f1: number; readonly support: number }[],
  color: string,
): Chart {
  const sorted = [...bars].sort((a, b) => a.f1 - b.f1);
  return draw(
    about,
    { width: 820, height: 70 + 21 * sorted.length },
    {
      grid: { left: 210, right: 60, top: 8, bottom: 52 },
      xAxis: { ...axisLook, type: "value", min: 0, max: 1, name: "F1", nameGap: 30 },
      yAxis: {
        ...axisLook,
        type: "category",
        data: sorted.map(({ name, support }) => `${name} (${support})`),
        axisLabel: { ...axisLook.axisLabel, interval: 0 },
        axisTick: { show: false },
      },
      series: [
        {
          type: "bar",
          silent: true,
          barWidth: "68%",
          itemStyle: { color, borderRadius: [0, 3, 3, 0] },
          label: {
            show: true,
            position: "right",
            color: ink,
            fontSize: 11,
            formatter: ({ value }: { value: number }) => value.toFixed(2),
          },
          data: sorted.map(({ f1 }) => f1),
        },
      ],
    },
  );
}

function drawReliability(kinds: readonly Kind[]): Chart {
  return draw(
    {
      name: "reliability",
      title: "Reliability of the stated confidence",
      description: `On the diagonal confidence is what comes true. ${kinds
        .map(({ name, figures }) => `${name}: calibration error ${figures.calibration.eceAfter.toFixed(3)}`)
        .join("; ")}.`,
    },
    { width: 560, height: 520 },
    {
      legend: legendLook,
      grid: { left: 68, right: 24, top: 44, bottom: 56 },
      xAxis: { ...axisLook, type: "value", min: 0, max: 1, name: "stated confidence", nameGap: 32 },
      yAxis: { ...axisLook, type: "value", min: 0, max: 1, name: "share that was right", nameGap: 44 },
      series: [
        {
          type: "line",
          silent: true,
          symbol: "none",
          lineStyle: { color: ink, type: "dashed", opacity: 0.5, width: 1.5 },
          data: [
            [0, 0],
            [1, 1],
          ],
        },
        ...kinds.map(({ name, color, figures }, index) => ({
          type: "line",
          silent: true,
          name,
          color,
          symbol: index === 0 ? "circle" : "diamond",
          symbolSize: 8,
          lineStyle: { width: 2 },
          data: figures.calibration.reliability.map((bin) => [bin.confidence, bin.accuracy]),
        })),
      ],
    },
  );
}

function drawRiskCoverage(kinds: readonly Kind[]): Chart {
  const at = (figures: LearnerFigures, share: number): string =>
    percent(figures.selective.shares.find((point) => point.share === share)?.accuracy ?? 0);
  return draw(
    {
      name: "risk-coverage",
      title: "Errors among the most certain answers",
      description: kinds
        .map(
          ({ name, figures }) =>
            `${name}: ${at(figures, 0.5)} right on the most certain half, ${at(figures, 1)} on all`,
        )
        .join("; "),
    },
    { width: 640, height: 460 },
    {
      legend: legendLook,
      grid: { left: 72, right: 24, top: 44, bottom: 56 },
      xAxis: {
        ...axisLook,
        type: "value",
        min: 0,
        max: 1,
        name: "share of messages answered, most certain first",
        nameGap: 32,
      },
      yAxis: { ...axisLook, type: "value", min: 0, name: "share of answers that is wrong", nameGap: 48 },
      series: kinds.map(({ name, color, figures }, index) => ({
        type: "line",
        silent: true,
        symbol: "none",
        name,
        color,
        lineStyle: { width: 2.5, type: index === 0 ? "solid" : "dashed" },
        // Before a twentieth is answered, single rows decide the rate.
        data: figures.selective.curve
          .filter(({ coverage }) => coverage >= 0.05)
          .map((point) => [point.coverage, point.risk]),
      })),
    },
  );
}

/** Three panels side by side: labelled value against the model's. */
function drawPad({ id, name, figures }: Kind): Chart[] {
  if (isSkipped(figures.pad)) return [];
  const { pleasure, arousal, dominance } = figures.pad;
  const axes: [string, RegressionFigures, string][] = [
    ["pleasure", pleasure, palette.blue],
    ["arousal", arousal, palette.orange],
    ["dominance", dominance, palette.green],
  ];
  const panel = 300;
  const left = (index: number): number => 62 + index * (panel + 50);
  const unit = { ...axisLook, type: "value", min: 0, max: 1 };
  return [
    draw(
      {
        name: `pad-${id}`,
        title: `Pleasure, arousal and dominance: ${name}`,
        description: axes.map(([axis, { r }]) => `${axis}: r ${r.value.toFixed(2)}`).join("; "),
      },
      { width: 1090, height: 390 },
      {
        title: axes.map(([axis, { r }], index) => ({
          text: `${axis}, r = ${r.value.toFixed(2)}`,
          left: left(index),
          top: 0,
          textStyle: { color: ink, fontSize: 14, fontWeight: "normal" },
        })),
        grid: axes.map((_, index) => ({ left: left(index), top: 32, width: panel, height: panel })),
        xAxis: axes.map((_, gridIndex) => ({ ...unit, gridIndex, name: "labelled", nameGap: 30 })),
        yAxis: axes.map((_, gridIndex) => ({
          ...unit,
          gridIndex,
          nameGap: 38,
          ...(gridIndex === 0 && { name: "by the model" }),
        })),
        series: axes.map(([, { points }, color], index) => ({
          type: "scatter",
          silent: true,
          xAxisIndex: index,
          yAxisIndex: index,
          symbolSize: 6,
          itemStyle: { color, opacity: 0.45 },
          data: points,
        })),
      },
    ),
  ];
}

function drawGoEmotions(figures: GoEmotionsFigures): Chart {
  const { value } = figures.fitted.macroF1;
  return drawBars(
    {
      name: "goemotions-f1",
      title: "F1 of each GoEmotions label (rows in brackets)",
      description: `Test split, thresholds from dev; macro-F1 ${value.toFixed(3)}.`,
    },
    figures.perLabel.map(({ label, f1, support }) => ({ name: label, f1, support })),
    palette.purple,
  );
}

/** Every chart there are figures for, most telling first. */
export function drawCharts(result: EvaluationResult): Chart[] {
  const kinds = listKinds(result);
  return [
    ...kinds.map(drawConfusion),
    ...kinds.map(({ id, name, color, figures }) =>
      drawBars(
        {
          name: `f1-${id}`,
          title: `F1 of each class: ${name} (rows in brackets)`,
          description: `Macro-F1 ${figures.macroF1.value.toFixed(3)}.`,
        },
        figures.perClass.map((one) => ({ ...one, name: spell(one.emotion) })),
        color,
      ),
    ),
    ...(kinds.length > 0 ? [drawReliability(kinds), drawRiskCoverage(kinds)] : []),
    ...kinds.flatMap(drawPad),
    ...(isSkipped(result.goemotions) ? [] : [drawGoEmotions(result.goemotions)]),
  ];
}
