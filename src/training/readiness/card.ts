/** @file The card (`README.md`) of a readiness model: what it answers, what it learned from, and what that does not show. */
import { retrain, type UnsealedReadinessManifest } from "../../readiness/manifest.js";

const print = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 3 });

/** Renders the card in Markdown. */
export function renderReadinessCard(manifest: UnsealedReadinessManifest): string {
  const { name, version, description, textModel, training, calibration } = manifest;
  const { learners, figures } = training;
  const { utterances } = learners;
  const rows = Object.entries(figures).map(([figure, value]) => `| ${figure} | ${print(value)} |`);
  return `# ${name} ${version}

${description}${description ? "\n\n" : ""}Says how ready a learner is from their last messages and, where a platform has them, signals of their work:
readiness, the probability that the next step succeeds, engagement, cognitive load, and which moments counted. With one
message and no signals its readiness is that of the text model.

It reads the embeddings of **${textModel.name} ${textModel.version}** (SHA-256 \`${textModel.sha256}\`) and refuses those of another. After a
change of the text model: \`${retrain}\`.

## What it learned from

**Simulated learners**, not people: ${print(learners.train)} to learn from, ${print(learners.validation)} to choose and calibrate by (seeds ${learners.seeds.train} and
${learners.seeds.validation}). Their parameters are those of published findings where there are any and assumptions where there are not
(docs/simulator.md). They write messages of the ${utterances.corpus} corpus's ${utterances.split} split (${print(utterances.train)} for learning, ${print(utterances.validation)} for
calibration), by which the text model was chosen and calibrated but from which it did not learn. What it knows of behaviour is what the simulator assumes of it:
**before it decides anything about people it has to be trained on a platform's own outcomes.**

Experiment \`${training.experiment}\`, seed ${training.seed}: ${print(training.steps)} steps, ${print(training.epochs)} epochs, ${print(training.minutes)} minutes.

## Figures on simulated validation learners

| figure | value |
| --- | --- |
${rows.join("\n")}

They chose the weights and the calibration, so they flatter; \`attune evaluate --readiness\` measures on learners and
messages that had no part in either. p(success) = σ(${print(calibration.slope)} · z + ${print(calibration.intercept)}), z the logit of readiness, fitted on ${print(calibration.rows)} steps.

## Limits

An estimate of what a learner shows, not a fact about them and not a diagnosis; never the only ground of a decision about a
person. What holds of the text model's readings holds here too.
`;
}
