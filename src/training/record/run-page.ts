/** @file A run as one page that can be opened while it trains and afterwards: no script, no network. */
import type { EventOf, TrainingEvent } from "./event-log.js";
import { drawLines, formatNumber, type Line, type Point, smooth } from "./run-charts.js";
import { runPageStyle } from "./run-page-style.js";

const wide = { width: 1100, height: 230 };
const narrow = { width: 360, height: 150 };
const colors = ["var(--c0)", "var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)"];

/** How a run stands. */
interface Status {
  readonly word: "waiting" | "running" | "finished" | "stopped early" | "interrupted" | "failed";
  readonly goesOn: boolean;
  readonly message?: string;
}

/**
 * The page of a run as HTML text. While the run goes on the page asks for itself anew every ten seconds.
 * @param events of the run's log, oldest first
 */
export function renderRunPage(events: readonly TrainingEvent[]): string {
  const start = lastOf(events, "start");
  const steps = events.filter((event) => event.type === "step");
  const evaluations = events.filter((event) => event.type === "evaluation");
  const status = judge(events);
  const name = escapeHtml(String(start?.experiment.name ?? "run"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${status.goesOn ? '<meta http-equiv="refresh" content="10">\n' : ""}<title>${name}: ${status.word}</title>
<style>${runPageStyle}</style>
</head>
<body>
<header>
<h1>${name} <span class="status ${status.word.replace(" ", "-")}">${status.word}</span></h1>
<p>${escapeHtml(String(start?.experiment.description ?? ""))}</p>
${status.message === undefined ? "" : `<p class="error">${escapeHtml(status.message)}</p>`}
${renderProgress(events, steps, evaluations)}
</header>
<main>
${renderLosses(steps)}
${renderEvaluations(evaluations)}
${renderMechanics(steps)}
${renderDiary(events)}
${start === undefined ? "" : renderTable("Facts", start.facts) + renderTable("Experiment", flatten(start.experiment))}
</main>
</body>
</html>
`;
}

function judge(events: readonly TrainingEvent[]): Status {
  const last = events.findLast(
    (event) => event.type === "start" || event.type === "end" || event.type === "error",
  );
  switch (last?.type) {
    case undefined:
      return { word: "waiting", goesOn: true };
    case "start":
      return { word: "running", goesOn: true };
    case "error":
      return { word: "failed", goesOn: false, message: `${last.code}: ${last.message}` };
    case "end": {
      const words = {
        finished: "finished",
        "early-stopping": "stopped early",
        interrupted: "interrupted",
      } as const;
      return { word: words[last.reason], goesOn: false };
    }
  }
}

function renderProgress(
  events: readonly TrainingEvent[],
  steps: readonly EventOf<"step">[],
  evaluations: readonly EventOf<"evaluation">[],
): string {
  const start = lastOf(events, "start");
  if (start === undefined) return "<p>Nothing has happened yet.</p>";
  const now = steps.at(-1);
  const step = events.reduce((most, event) => Math.max(most, event.step), 0);
  const best = evaluations.findLast((event) => event.best);
  const left = judge(events).goesOn ? secondsLeft(events, start) : undefined;
  const tiles: [string, string][] = [["step", `${count(step)} of ${count(start.totalSteps)}`]];
  if (now !== undefined) {
    const losses = steps.map((event): Point => [event.step, event.loss]);
    const recent = smooth(losses, smoothingReach(losses.length)).at(-1)?.[1] ?? now.loss;
    tiles.push(["epoch", now.epoch.toFixed(2)], ["loss, smoothed", formatNumber(recent)]);
    tiles.push(["examples / s", count(now.examplesPerSecond)], ["tokens / s", count(now.tokensPerSecond)]);
  }
  tiles.push(["trained for", duration(secondsTrained(events))]);
  if (left !== undefined) tiles.push(["left, about", duration(left)]);
  if (best !== undefined) tiles.push(["best at step", count(best.step)]);
  const share = start.totalSteps === 0 ? 0 : (100 * step) / start.totalSteps;
  return `<div class="bar" role="progressbar" aria-valuenow="${share.toFixed(1)}" aria-valuemin="0" aria-valuemax="100"><i style="width:${share.toFixed(2)}%"></i></div>
<dl class="tiles">${tiles.map(([key, value]) => `<div><dt>${key}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

/** Time between events, without the pauses between sittings. */
function secondsTrained(events: readonly TrainingEvent[]): number {
  let milliseconds = 0;
  events.forEach((event, i) => {
    const before = events[i - 1];
    if (before !== undefined && event.type !== "start") milliseconds += event.at - before.at;
  });
  return milliseconds / 1000;
}

/** From the pace of this sitting's last steps. */
function secondsLeft(events: readonly TrainingEvent[], start: EventOf<"start">): number | undefined {
  const sitting = events.slice(events.lastIndexOf(start)).filter((event) => event.type === "step");
  const [first, last] = [sitting.at(-50) ?? sitting[0], sitting.at(-1)];
  if (first === undefined || last === undefined || last.step <= first.step) return undefined;
  const pace = (last.at - first.at) / (last.step - first.step);
  return ((start.totalSteps - last.step) * pace) / 1000;
}

function renderLosses(steps: readonly EventOf<"step">[]): string {
  if (steps.length === 0) return "";
  const total = renderSmoothed(
    "All, weighted",
    steps.map((event) => [event.step, event.loss]),
    colors[0] as string,
    wide,
  );
  const heads = [...new Set(steps.flatMap((event) => Object.keys(event.losses)))];
  const parts = heads.map((head, i) => {
    const points = steps.flatMap((event): Point[] => {
      const loss = event.losses[head];
      return loss === undefined ? [] : [[event.step, loss]];
    });
    return renderSmoothed(head, points, colors[i % colors.length] as string, narrow);
  });
  return section("Loss", total + parts.join(""));
}

/** One panel for each head, by the part of a figure's name before its first dot. */
function renderEvaluations(evaluations: readonly EventOf<"evaluation">[]): string {
  const groups = new Map<string, string[]>();
  for (const name of new Set(evaluations.flatMap((event) => Object.keys(event.figures)))) {
    const head = name.split(".")[0] as string;
    groups.set(head, [...(groups.get(head) ?? []), name]);
  }
  const best = evaluations.findLast((event) => event.best);
  const panels = [...groups].map(([head, names]) => {
    const lines = names.map((name, i): Line & { name: string } => {
      const points = evaluations.flatMap((event): Point[] => {
        const figure = event.figures[name];
        return figure === undefined ? [] : [[event.step, figure]];
      });
      return { name, points, color: colors[i % colors.length] as string, dots: true };
    });
    const legend = lines.map(({ name, points, color }) => {
      const label = name === head ? name : name.slice(head.length + 1);
      const chosen = best?.figures[name];
      const title = chosen === undefined ? "" : ` title="${formatNumber(chosen)} at the best step"`;
      return `<span${title}><i style="background:${color}"></i>${escapeHtml(label)} <b>${formatNumber(points.at(-1)?.[1] ?? Number.NaN)}</b></span>`;
    });
    return panel(escapeHtml(head), legend.join(""), drawLines(lines, narrow));
  });
  return panels.length === 0 ? "" : section("Validation", panels.join(""));
}

function renderMechanics(steps: readonly EventOf<"step">[]): string {
  if (steps.length === 0) return "";
  const along = (read: (event: EventOf<"step">) => number) =>
    steps.map((event): Point => [event.step, read(event)]);
  const rates: [string, Point[], string][] = [
    ["encoder", along((event) => event.learningRate.encoder), colors[0] as string],
    ["heads", along((event) => event.learningRate.heads), colors[1] as string],
  ];
  const panels = [
    ...rates.map(([name, points, color]) =>
      panel(`Learning rate, ${name}`, latest(points, color), drawLines([{ points, color }], narrow)),
    ),
    renderSmoothed(
      "Gradient norm",
      along((event) => event.gradientNorm),
      colors[4] as string,
      narrow,
    ),
    renderSmoothed(
      "Examples a second",
      along((event) => event.examplesPerSecond),
      colors[2] as string,
      narrow,
    ),
    renderSmoothed(
      "Tokens a second",
      along((event) => event.tokensPerSecond),
      colors[2] as string,
      narrow,
    ),
  ];
  return section("Mechanics", panels.join(""));
}

function renderSmoothed(title: string, points: Point[], color: string, size: typeof wide): string {
  const smoothed = smooth(points, smoothingReach(points.length));
  const lines = [
    { points, color, faint: true },
    { points: smoothed, color },
  ];
  return panel(
    escapeHtml(title),
    latest(smoothed, color),
    drawLines(lines, size),
    size === wide ? "wide" : "",
  );
}

/** A fortieth of the run to either side, at most a hundred points. */
const smoothingReach = (points: number): number => Math.min(100, Math.floor(points / 40));

const latest = (points: readonly Point[], color: string): string =>
  `<span><i style="background:${color}"></i><b>${formatNumber(points.at(-1)?.[1] ?? Number.NaN)}</b></span>`;

const section = (title: string, panels: string): string =>
  `<h2>${title}</h2><div class="panels">${panels}</div>`;

const panel = (title: string, legend: string, svg: string, kind = ""): string =>
  `<figure class="${kind}"><figcaption><strong>${title}</strong><span class="legend">${legend}</span></figcaption>${svg}</figure>`;

/** When it began, went on, was saved, ended. */
function renderDiary(events: readonly TrainingEvent[]): string {
  const rows = events.flatMap((event): [string, string][] => {
    const when = new Date(event.at).toISOString().slice(0, 19).replace("T", " ");
    switch (event.type) {
      case "start":
        return [[when, event.step === 0 ? "began" : `went on from step ${count(event.step)}`]];
      case "end":
        return [[when, `${event.reason} at step ${count(event.step)}`]];
      case "warning":
        return [[when, event.message]];
      case "error":
        return [[when, `failed at step ${count(event.step)}: ${event.code}: ${event.message}`]];
      default:
        return [];
    }
  });
  const saved = lastOf(events, "checkpoint");
  if (saved !== undefined)
    rows.push(["last checkpoint", `${saved.path}, in ${count(saved.milliseconds)} ms`]);
  return rows.length === 0 ? "" : renderTable("Diary (UTC)", rows);
}

function renderTable(title: string, rows: Record<string, unknown> | [string, string][]): string {
  const entries = Array.isArray(rows) ? rows : Object.entries(rows);
  const cells = entries.map(
    ([key, value]) => `<tr><th>${escapeHtml(key)}</th><td>${escapeHtml(String(value))}</td></tr>`,
  );
  return `<details${title === "Experiment" ? "" : " open"}><summary>${title}</summary><table>${cells.join("")}</table></details>\n`;
}

/** `learningRate.encoder`: one row a leaf. */
function flatten(value: Record<string, unknown>, above = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const path = above === "" ? key : `${above}.${key}`;
    const nested = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return nested
      ? flatten(inner as Record<string, unknown>, path)
      : [[path, typeof inner === "string" ? inner : JSON.stringify(inner)]];
  });
}

function lastOf<T extends TrainingEvent["type"]>(
  events: readonly TrainingEvent[],
  type: T,
): EventOf<T> | undefined {
  return events.findLast((event): event is EventOf<T> => event.type === type);
}

const count = (value: number): string => Math.round(value).toLocaleString("en");

/** `1 h 05 min`, `3 min 20 s` */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
