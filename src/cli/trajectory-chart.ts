/** @file The picture of a session: its path through pleasure and arousal, and valence and readiness along the way. */
import { axisLook, type Chart, draw, ink, legendLook, palette } from "../evaluation/drawing.js";
import { type SmoothedLevel, smoothCourse } from "../trajectory/smoothed-course.js";
import type { Trajectory } from "../trajectory/trajectory.js";
import type { Session } from "./session.js";

/** Most messages a picture shows: the last. */
const drawn = 200;

/** A change for each hour or message with its interval, for readers. */
export function writeSlope(
  { valence, readiness, per }: Trajectory,
  measure: "valence" | "readiness",
): string {
  const { slope, low, high } = measure === "valence" ? valence : readiness;
  const sign = (value: number): string =>
    Number.isFinite(value) ? `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}` : value < 0 ? "−∞" : "∞";
  return `${sign(slope)} a${per === "hour" ? "n hour" : " message"} (${sign(low)} to ${sign(high)})`;
}

/** Draws a session; the trajectory is that of its last message. */
export function drawTrajectory({ entries, clock }: Session, trajectory: Trajectory): Chart {
  const shown = entries.slice(-drawn);
  const start = shown[0]?.at ?? 0;
  const length = (shown.at(-1)?.at ?? 0) - start;
  const [unit, name] =
    clock === "index" ? [1, "message"] : length > 7_200_000 ? [3_600_000, "hours"] : [60_000, "minutes"];
  const times = shown.map(({ at }) => (at - start) / unit + (clock === "index" ? 1 : 0));
  const measures = [
    { name: "valence", color: palette.blue, values: shown.map(({ reading }) => reading.pad[0]) },
    { name: "readiness", color: palette.orange, values: shown.map(({ reading }) => reading.readiness) },
  ];
  const path = shown.map(({ reading }, i) => [
    reading.pad[0],
    reading.pad[1],
    shown.length < 2 ? 1 : i / (shown.length - 1),
    i + 1,
  ]);
  return draw(
    {
      name: "trajectory",
      title: `Trajectory of ${entries.length} messages: ${trajectory.state}`,
      description:
        "Left: each message as a point of pleasure and arousal, from pale to full as time goes on. " +
        "Right: valence and readiness as read (points) and smoothed (line) with the 95 % band of the level. " +
        `Change of valence ${writeSlope(trajectory, "valence")}, of readiness ${writeSlope(trajectory, "readiness")}.`,
    },
    { width: 1000, height: 430 },
    {
      legend: { ...legendLook, left: 560, data: measures.map((one) => one.name) },
      grid: [
        { left: 62, top: 40, width: 330, height: 330 },
        { left: 480, top: 40, width: 490, height: 330 },
      ],
      visualMap: {
        show: false,
        seriesIndex: 1,
        dimension: 2,
        min: 0,
        max: 1,
        inRange: { color: ["#b9d6ee", palette.blue, "#123f66"] },
      },
      xAxis: [
        { ...axisLook, gridIndex: 0, type: "value", min: 0, max: 1, name: "pleasure", nameGap: 30 },
        { ...axisLook, gridIndex: 1, type: "value", min: "dataMin", max: "dataMax", name, nameGap: 30 },
      ],
      yAxis: [
        { ...axisLook, gridIndex: 0, type: "value", min: 0, max: 1, name: "arousal", nameGap: 38 },
        { ...axisLook, gridIndex: 1, type: "value", min: 0, max: 1 },
      ],
      series: [
        {
          type: "line",
          silent: true,
          symbol: "none",
          lineStyle: { color: ink, opacity: 0.35, width: 1.5 },
          data: path,
        },
        {
          type: "scatter",
          silent: true,
          symbolSize: 17,
          label: {
            show: shown.length <= 30,
            formatter: ({ value }: { value: readonly number[] }) => String(value[3]),
            position: "top",
            color: ink,
            fontSize: 12,
          },
          data: path,
        },
        ...measures.flatMap((measure) => drawMeasure(times, measure)),
      ],
    },
  );
}

/** Band, line and points of a measure in the right panel. */
function drawMeasure(
  times: readonly number[],
  { name, color, values }: { name: string; color: string; values: readonly number[] },
) {
  const course = smoothCourse(times, values);
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const along = (read: (level: SmoothedLevel) => number) =>
    course.map((level, i) => [times[i] as number, read(level)]);
  const panel = { xAxisIndex: 1, yAxisIndex: 1, silent: true, symbol: "none" };
  const hidden = {
    ...panel,
    type: "line",
    stack: `band ${name}`,
    stackStrategy: "all",
    lineStyle: { opacity: 0 },
  };
  return [
    { ...hidden, data: along(({ low }) => clip(low)) },
    {
      ...hidden,
      areaStyle: { color, opacity: 0.15 },
      data: along(({ low, high }) => clip(high) - clip(low)),
    },
    {
      ...panel,
      type: "line",
      name,
      color,
      lineStyle: { color, width: 2.5 },
      data: along(({ level }) => level),
    },
    {
      ...panel,
      type: "scatter",
      symbol: "circle",
      symbolSize: 8,
      itemStyle: { color },
      data: values.map((value, i) => [times[i], value]),
    },
  ];
}
