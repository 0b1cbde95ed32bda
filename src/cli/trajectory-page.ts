/** @file A session as one page: its state with the evidence, the picture, every message. Nothing is fetched. */
import type { Chart } from "../evaluation/drawing.js";
import { escapeHtml, pageStyle } from "../evaluation/page-style.js";
import { humanize } from "./terminal.js";
import { writeSlope } from "./trajectory-chart.js";
import type { LookedAt } from "./trajectory-rows.js";

/** Most messages a page lists: the last. */
const listed = 500;

/** The page as HTML text. */
export function renderTrajectoryPage(looked: LookedAt, chart: Chart): string {
  const { trajectory, rows } = looked;
  const share = (value: number): string => value.toFixed(2);
  const lines = rows.slice(-listed).map(({ entry, time, emotion, state, next }) => {
    const [p, a, d] = entry.reading.pad;
    const cells = [
      escapeHtml(time),
      escapeHtml(entry.text ?? ""),
      humanize(emotion),
      `${share(p)} ${share(a)} ${share(d)}`,
      share(entry.reading.readiness),
      state,
      next[0] === undefined ? "" : `${humanize(next[0].emotion)} ${Math.round(100 * next[0].probability)} %`,
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const tests = trajectory.tests.map(
    ({ course, pValue }) =>
      `<tr><th scope="row">${course}</th><td class="number">${pValue.toPrecision(2)}</td></tr>`,
  );
  const errors = looked.errors.map(
    ({ line, error }) => `<li>line ${line}: ${error.code}: ${escapeHtml(error.message)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trajectory: ${trajectory.state}</title>
<style>${pageStyle}</style>
</head>
<body>
<h1>${escapeHtml(chart.title)}</h1>
<p class="faint">Valence ${writeSlope(trajectory, "valence")}; readiness ${writeSlope(trajectory, "readiness")}, 95 % intervals. An emotion read from text is a guess about a person.</p>
<figure>${chart.svg}<figcaption>${escapeHtml(chart.description)}</figcaption></figure>
<section class="card"><h3>Evidence</h3><table><tbody>${tests.join("")}</tbody></table><p class="note">p-values of each course; claimed at ${trajectory.level.toPrecision(3)} or less, so that a session whose order says nothing is given a course in ${Math.round(400 * trajectory.level)} % of looks.</p></section>
<section class="card"><h3>Going on</h3><p>${looked.ongoing.map(escapeHtml).join("<br>") || "nothing negative"}</p></section>
${errors.length === 0 ? "" : `<section class="card"><h3>Not read</h3><ul>${errors.join("")}</ul></section>`}
<section class="card"><table><thead><tr><th>time</th><th>message</th><th>emotion</th><th>P A D</th><th>readiness</th><th>state</th><th>next</th></tr></thead><tbody>${lines.join("")}</tbody></table></section>
</body>
</html>
`;
}
