/** @file Draws the lines of a run as SVG whose colours follow the page, light or dark. */
import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, SVGRenderer]);

/** A point of a run: step and value. */
export type Point = readonly [step: number, value: number];

/** A line of a chart. */
export interface Line {
  readonly points: readonly Point[];
  /** A CSS colour; `var(--name)` follows the page. */
  readonly color: string;
  /** Drawn faintly, as what a smoothed line was made from. */
  readonly faint?: boolean;
  /** A dot at each point, for lines of few. */
  readonly dots?: boolean;
}

/** Size of a chart in its own units; the page scales it. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Most points a line is drawn with; more would not be seen. */
const drawnPoints = 400;

/** An SVG element of lines over steps. Points whose value is not finite are left out. */
export function drawLines(lines: readonly Line[], size: ChartSize): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  const axis = { axisLine: { show: false }, axisTick: { show: false } };
  const text = { color: "var(--muted)", fontSize: 11, fontFamily: "inherit" };
  chart.setOption({
    animation: false,
    grid: {
      left: 4,
      right: 10,
      top: 10,
      bottom: 2,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      ...axis,
      type: "value",
      min: "dataMin",
      max: "dataMax",
      splitLine: { show: false },
      axisLabel: {
        ...text,
        hideOverlap: true,
        showMinLabel: false,
        showMaxLabel: false,
        formatter: formatNumber,
      },
    },
    yAxis: {
      ...axis,
      type: "value",
      scale: true,
      splitNumber: 3,
      splitLine: { lineStyle: { color: "var(--grid)" } },
      axisLabel: { ...text, formatter: formatNumber },
    },
    series: lines.map(({ points, color, faint, dots }) => ({
      type: "line",
      data: thin(points.filter(([, value]) => Number.isFinite(value))),
      showSymbol: dots === true || points.length === 1,
      symbol: "circle",
      symbolSize: 5,
      itemStyle: { color },
      lineStyle: { color, width: faint ? 1 : 2, opacity: faint ? 0.3 : 1 },
      silent: true,
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/^<svg width="\d+" height="\d+"/, '<svg role="img" width="100%"');
}

/** Means of equal stretches, when there are more points than can be seen. */
function thin(points: readonly Point[]): Point[] {
  if (points.length <= drawnPoints) return [...points];
  const stretch = points.length / drawnPoints;
  return Array.from({ length: drawnPoints }, (_, i) => {
    const part = points.slice(Math.floor(i * stretch), Math.floor((i + 1) * stretch));
    const mean = (place: 0 | 1) => part.reduce((sum, point) => sum + point[place], 0) / part.length;
    return [mean(0), mean(1)];
  });
}

/** Means over `reach` points to either side, so that the line does not lag; fewer at the ends. Skips what is not finite. */
export function smooth(points: readonly Point[], reach: number): Point[] {
  const sums = [0];
  const counts = [0];
  for (const [, value] of points) {
    const finite = Number.isFinite(value);
    sums.push((sums.at(-1) as number) + (finite ? value : 0));
    counts.push((counts.at(-1) as number) + (finite ? 1 : 0));
  }
  return points.map(([step], i) => {
    const from = Math.max(0, i - reach);
    const to = Math.min(points.length, i + reach + 1);
    const total = (sums[to] as number) - (sums[from] as number);
    return [step, total / ((counts[to] as number) - (counts[from] as number))];
  });
}

const compact = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** Four significant digits; very small numbers as powers of ten. */
export function formatNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1).replace(".0e", "e");
  return compact.format(value);
}
