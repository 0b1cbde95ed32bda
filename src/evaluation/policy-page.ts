/** @file One self-contained HTML page of compared policies: charts and tables, each saying that it is simulated. */
import {
  comparedGroups,
  findDifference,
  type Measure,
  measures,
  measureTitles,
} from "../simulation-lab/comparison.js";
import { type PolicyName, policyTitles } from "../simulation-lab/policy-name.js";
import { axisLook, type Chart, draw, ink, legendLook, palette } from "./drawing.js";
import { escapeHtml, pageStyle } from "./page-style.js";
import {
  judgeComparison,
  judgeDifference,
  listReversals,
  type PolicyReport,
  writeFigure,
  writeMeasure,
} from "./policy-report.js";

/** One measure of all policies, with intervals as whiskers. */
function drawMeasure({ comparison }: PolicyReport, measure: Measure): Chart {
  const rows = [...comparison.policies].reverse();
  const name = measureTitles[measure];
  return draw(
    {
      name: `policy-${measure}`,
      title: `Simulated: ${name}`,
      description: rows
        .map(({ policy, groups }) => `${policy} ${writeFigure(groups.all[measure], measure)}`)
        .join("; "),
    },
    { width: 820, height: 90 + 34 * rows.length },
    {
      grid: { left: 110, right: 40, top: 8, bottom: 56 },
      xAxis: {
        ...axisLook,
        type: "value",
        scale: measure === "gainPerHour" || measure === "gain",
        name: `${name} (simulated)`,
        nameGap: 30,
      },
      yAxis: {
        ...axisLook,
        type: "category",
        data: rows.map(({ policy }) => policy),
        axisTick: { show: false },
      },
      series: [
        {
          type: "custom",
          silent: true,
          renderItem: renderWhisker,
          encode: { x: [1, 2], y: 0 },
          data: rows.map(({ groups }, place) => [place, groups.all[measure].low, groups.all[measure].high]),
        },
        {
          type: "scatter",
          silent: true,
          symbolSize: 11,
          data: rows.map(({ policy, groups }, place) => ({
            value: [groups.all[measure].value, place],
            itemStyle: { color: policy === "learned" ? palette.orange : palette.blue },
          })),
          label: {
            show: true,
            position: "top",
            distance: 4,
            color: ink,
            fontSize: 11,
            formatter: ({ value }: { value: readonly number[] }) => writeMeasure[measure](value[0] ?? 0),
          },
        },
      ],
    },
  );
}

interface ChartApi {
  value(dimension: number): number;
  coord(point: readonly number[]): readonly number[];
}

/** A line from the low to the high end of an interval. */
function renderWhisker(_: unknown, api: ChartApi): object {
  const [x1 = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
  const [x2 = 0] = api.coord([api.value(2), api.value(0)]);
  return {
    type: "line",
    shape: { x1, y1: y, x2, y2: y },
    style: { stroke: ink, lineWidth: 2, opacity: 0.55 },
  };
}

const colors = [palette.blue, palette.green, palette.purple];

/** Gain per hour by what learners knew at the start. */
function drawGroups({ comparison }: PolicyReport): Chart {
  const { policies } = comparison;
  const groups = comparedGroups.slice(1);
  return draw(
    {
      name: "policy-groups",
      title: "Simulated: learning gain per hour by knowledge at the start",
      description: groups
        .map(
          (group) =>
            `${group}: ${policies.map(({ policy, groups: own }) => `${policy} ${own[group].gainPerHour.value.toFixed(3)}`).join(", ")}`,
        )
        .join("; "),
    },
    { width: 820, height: 380 },
    {
      legend: legendLook,
      grid: { left: 72, right: 20, top: 44, bottom: 44 },
      xAxis: { ...axisLook, type: "category", data: policies.map(({ policy }) => policy) },
      yAxis: { ...axisLook, type: "value", name: "gain per hour (simulated)", nameGap: 46 },
      series: groups.map((group, place) => ({
        type: "bar",
        silent: true,
        name: `${group} knowledge`,
        color: colors[place],
        data: policies.map(({ groups: own }) => own[group].gainPerHour.value),
      })),
    },
  );
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join("")}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`)
    .join("")}</tbody></table>`;

const figure = ({ title, description, svg }: Chart): string =>
  `<figure><h3>${escapeHtml(title)}</h3>${svg}<figcaption>${escapeHtml(description)}</figcaption></figure>`;

function renderSensitivity({ sensitivity }: PolicyReport): string {
  if (sensitivity.length === 0) return "";
  const reversals = listReversals(sensitivity);
  const rows = sensitivity.map(({ bent, factor, comparison }) => [
    bent === "all" ? "all assumptions" : `${bent}*`,
    `× ${factor}`,
    [...comparison.policies]
      .sort((a, b) => b.groups.all.gainPerHour.value - a.groups.all.gainPerHour.value)
      .map(({ policy, groups }) => `${policy} ${groups.all.gainPerHour.value.toFixed(3)}`)
      .join(" > "),
    ...["never", "always-mild", "rule"].map((against) => {
      const difference = findDifference(comparison, "learned", against, "gainPerHour");
      return difference === undefined
        ? "not run"
        : `${judgeDifference(difference)}: ${writeFigure(difference, "gainPerHour")}`;
    }),
  ]);
  const where =
    reversals.length === 0
      ? "<p>Under none of these does the learned policy stop winning.</p>"
      : `<p>The learned policy stops winning here:</p><ul>${reversals.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>`;
  return `<h2>Simulated: when assumptions are bent</h2><p class="faint">Numbers of the simulator that are our assumptions, halved and doubled (of probabilities the odds); nothing was trained anew.</p>${where}<section class="card">${table(["bent", "factor", "order in gain per hour", "learned − never", "learned − always-mild", "learned − rule"], rows)}</section>`;
}

/** The page. Text is escaped, styles and charts are inline, and nothing is loaded from anywhere. */
export function renderPolicyPage(report: PolicyReport): string {
  const { comparison, seeds, steps, split, models, comparedAt } = report;
  const verdicts = judgeComparison(comparison).map(
    ({ claim, met, found }) =>
      `<tr><td class="${met ? "good" : "bad"}">${met ? "yes" : "no"}</td><td>${escapeHtml(claim)}</td><td>${escapeHtml(found)}</td></tr>`,
  );
  const named = Object.entries(models).map(([kind, name]) => `${kind} ${name}`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Policies on simulated learners</title><style>${pageStyle}</style></head>
<body>
<header><h1>Policies on simulated learners</h1><p class="faint">Simulated ${escapeHtml(comparedAt.slice(0, 16).replace("T", " "))} UTC: ${comparison.learners.toLocaleString("en-US")} learners of seeds ${seeds.join(", ")}, up to ${steps} steps, messages of the ${escapeHtml(split)} split read by the real models (${escapeHtml(named.join(", "))}). 95 % intervals over learners; all policies met the same learners with the same luck. It shows that the pipeline can learn what helps. It does not show that this helps people.</p></header>
<main>
<h2>Simulated: what was wanted</h2><section class="card"><table><tbody>${verdicts.join("")}</tbody></table></section>
<h2>Simulated: figures</h2><section class="card">${table(
    ["policy", ...measures.map((name) => measureTitles[name])],
    comparison.policies.map(({ policy, groups }) => [
      `${policy}: ${policyTitles[policy as PolicyName] ?? ""}`,
      ...measures.map((name) => writeFigure(groups.all[name], name)),
    ]),
  )}</section>
${measures.map((measure) => figure(drawMeasure(report, measure))).join("\n")}
${figure(drawGroups(report))}
<h3>Simulated: learning gain per hour by knowledge at the start, with intervals</h3><section class="card">${table(
    ["policy", ...comparedGroups.slice(1).map((group) => `${group} knowledge`)],
    comparison.policies.map(({ policy, groups }) => [
      policy,
      ...comparedGroups.slice(1).map((group) => writeFigure(groups[group].gainPerHour, "gainPerHour")),
    ]),
  )}</section>
${renderSensitivity(report)}
</main>
</body>
</html>
`;
}
