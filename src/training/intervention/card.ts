/** @file The card (`README.md`) of an intervention model: what it answers, what it learned from, and what that does not show. */
import { supportLabels } from "../../emotion/support.js";
import { retrainIntervention, type UnsealedInterventionManifest } from "../../policy/manifest.js";

const print = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 4 });

/** Renders the card in Markdown. */
export function renderInterventionCard(manifest: UnsealedInterventionManifest): string {
  const { name, version, description, readinessModel, training, measure, cost, network } = manifest;
  const { rows, learners, figures } = training;
  const measured = Object.entries(figures).map(([figure, value]) => `| ${figure} | ${print(value)} |`);
  const source =
    training.source === "simulated"
      ? `**Simulated learners**, not people (docs/simulator.md): what it knows of helping is what the simulator assumes of it.
**Before it decides anything about people it has to learn from a platform's own outcomes**:
\`${retrainIntervention} --outcomes DIR\`.`
      : "Outcomes that a platform logged (`attune outcomes import`).";
  return `# ${name} ${version}

${description}${description ? "\n\n" : ""}Says what each of the six levels of support is worth for a learner now, beyond doing nothing, with an interval from
${network.heads} heads that each learned from learners drawn anew. Guards stand over every decision made of it.

It reads the state of **${readinessModel.name} ${readinessModel.version}** (SHA-256 \`${readinessModel.sha256}\`) and refuses
that of another.

## What it learned from

${source}

${print(rows.train)} decisions of ${print(learners.train)} learners; ${print(rows.validation)} of ${print(learners.validation)} others chose the weights. Experiment
\`${training.experiment}\`, seed ${training.seed}: ${print(training.steps)} steps, ${print(training.epochs)} epochs, ${print(training.minutes)} minutes.

The outcome: right answers over the ${measure.horizon} steps after a decision, the first ${measure.assisted} not counted, each weighed by its
difficulty, less ${print(measure.minutePrice)} a minute of the learner's time and ${print(measure.dropoutPrice)} for giving up. Cost of interrupting beyond that: ${supportLabels
    .map((label, level) => `${label} ${print(cost[level] ?? 0)}`)
    .join(", ")}.

## Figures on decisions held out

| figure | value |
| --- | --- |
${measured.join("\n")}

They chose the weights, so they flatter; \`attune simulate\` compares policies on learners and messages that had no part
in it.

## Limits

An estimate of what helps on average where little else is known of a learner; never the only ground of a decision about
a person. Where the value of acting is in doubt, nothing is done.
`;
}
