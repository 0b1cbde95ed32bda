/** @file Draws a chart to SVG text without a browser: one look for every chart, safe on light and dark pages. */
import { type EChartsCoreOption, init } from "echarts";

/**
 * Ink of text, axes and lines. No page knows this colour: it becomes the page's own text colour inline, and a dark grey
 * in a picture file.
 */
export const ink = "#010203";

/** Colours told apart by the colour-blind, readable on white and on near-black. @source Okabe & Ito, "Color Universal Design", 2008, darkened or lightened for both grounds. */
export const palette = { blue: "#2f7fc1", orange: "#d9822b", green: "#2a9d76", purple: "#a86aa4" } as const;

/** A chart: what it shows, for all readers, and its SVG. */
export interface Chart {
  /** File name without ending. */
  readonly name: string;
  readonly title: string;
  /** What there is to see, for those who do not see it. */
  readonly description: string;
  readonly svg: string;
}

/** Text, axes and grid in ink. */
export const axisLook = {
  nameLocation: "middle",
  nameTextStyle: { color: ink, fontSize: 13 },
  axisLabel: { color: ink, fontSize: 12 },
  axisLine: { show: true, lineStyle: { color: ink, opacity: 0.5 } },
  axisTick: { lineStyle: { color: ink, opacity: 0.5 } },
  splitLine: { lineStyle: { color: ink, opacity: 0.12 } },
} as const;

/** A legend of the same look, above the plot. */
export const legendLook = {
  top: 4,
  itemGap: 44,
  textStyle: { color: ink, fontSize: 13 },
  inactiveColor: ink,
} as const;

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/** Draws an ECharts option at a size in pixels; the SVG scales with its container. */
export function draw(
  about: Pick<Chart, "name" | "title" | "description">,
  { width, height }: { readonly width: number; readonly height: number },
  option: EChartsCoreOption,
): Chart {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ animation: false, backgroundColor: "transparent", ...option });
  const drawn = chart.renderToSVGString();
  chart.dispose();
  const svg = drawn
    // Styles for hovering would leak into the page they are put in; nothing here is hovered.
    .replace(/<style\s*>[\s\S]*?<\/style>/g, "")
    .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, "")
    .replaceAll("font-family:sans-serif", "font-family:system-ui,sans-serif")
    .replace(
      /<svg [^>]*>/,
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escapeXml(`${about.title}. ${about.description}`)}">`,
    )
    .replace(/<rect width="\d+" height="\d+"[^>]*fill="(?:transparent|none)"[^>]*><\/rect>/, "")
    .replaceAll(ink, "currentColor");
  return { ...about, svg };
}

/** The chart as a file of its own: its title above, on white, since whoever shows it may have any background. */
export function toPicture({ svg, title }: Chart): string {
  const [, width = "0", height = "0"] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const head = 40;
  const opening = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${Number(height) + head}"`;
  return `${svg
    .replace(/<svg [^>]*viewBox="[^"]*"/, opening)
    .replace(
      />/,
      ` color="#1f2328" font-family="system-ui,sans-serif"><rect width="100%" height="100%" fill="#ffffff" rx="8"/><text x="16" y="27" font-size="17" font-weight="600" fill="#1f2328">${escapeXml(title)}</text><g transform="translate(0 ${head})">`,
    )
    .replace(/<\/svg>\s*$/, "</g></svg>")}\n`;
}
