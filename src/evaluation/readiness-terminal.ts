/** @file A readiness evaluation as a table for people at a terminal. */
import type { createColors } from "picocolors";
import type { Figure } from "../metrics/bootstrap.js";
import { type GateOutcome, writeNumber } from "./gates.js";
import { type ReadinessResult, type ReadinessScore, readinessScores } from "./readiness.js";

/** Functions that colour a text, or leave it as it is. */
type Colors = ReturnType<typeof createColors>;

const titles: Readonly<Record<ReadinessScore, string>> = {
  readiness: "readiness",
  textHead: "  last message's text head",
  lastBehavior: "  regression on the last behaviour",
  windowBehavior: "  regression on behaviour of the window",
  withoutText: "  readiness without text",
  withoutBehavior: "  readiness without behaviour",
  withoutHistory: "  readiness of the last moment alone",
  latentReadiness: "  bound: true readiness",
  trueChance: "  bound: true chance of the next step",
};

const three = (value: number): string => value.toFixed(3);
const withInterval = ({ value, low, high }: Figure, { cyan, dim }: Colors): string =>
  `${cyan(three(value))} ${dim(`[${three(low)} to ${three(high)}]`)}`;

/** The evaluation as lines of text. */
export function renderReadinessTerminal(
  result: ReadinessResult,
  outcomes: readonly GateOutcome[],
  resamples: number,
  colors: Colors,
): string {
  const { bold, dim, cyan, green, yellow, red } = colors;
  const { model, cohort, auc, aucAfterMessage, gain, correlation, latency, machine } = result;
  const names = { textHead: "the last message's text head", lastBehavior: "the last behaviour" } as const;
  const line = (name: string, ...cells: readonly string[]): string =>
    `  ${name.padEnd(42)} ${cells.join("   ")}`;
  return [
    `${bold(`${model.name} ${model.version}`)}  ${dim(`reads ${model.textModel.name} ${model.textModel.version}; ${machine.cpu}, ${machine.cores} cores`)}`,
    yellow("Every learner here is simulated."),
    "",
    bold("AUC for success on the next step") +
      dim(
        `  ${cohort.rows.toLocaleString("en-US")} steps of ${cohort.learners.toLocaleString("en-US")} learners, ${three(cohort.successRate)} succeed; right: the ${aucAfterMessage.rows.toLocaleString("en-US")} after a message`,
      ),
    ...readinessScores.map((name) =>
      line(titles[name], withInterval(auc[name], colors), withInterval(aucAfterMessage[name], colors)),
    ),
    line(`readiness less ${names[gain.over]}`, withInterval(gain, colors)),
    "",
    bold("Beside what is true of them"),
    line("expected success, calibration error", cyan(three(result.expectedSuccessEce))),
    line(
      "readiness r",
      cyan(three(correlation.readiness)),
      dim(`text head ${three(correlation.textReadiness)}`),
    ),
    line("engagement r", cyan(three(correlation.engagement))),
    line("cognitive load r", cyan(three(correlation.cognitiveLoad))),
    line(
      "one assessment, beyond the text model",
      cyan(`${three(latency.p50Ms)} ms`),
      dim(`95 %: ${three(latency.p95Ms)} ms`),
    ),
    ...(outcomes.length === 0 ? [] : ["", bold("Gates")]),
    ...outcomes.map(({ gate, passed, value, reason }) => {
      const mark = passed ? green("✔") : gate.goal ? yellow("–") : red("✖");
      const note = gate.note ? dim(`  ${gate.note}`) : "";
      return `  ${mark} ${gate.figure}  ${passed ? writeNumber(value ?? 0) : (reason ?? "")}${note}`;
    }),
    "",
    dim(`In brackets: 95 % bootstrap intervals over learners, ${resamples} resamples, seed ${result.seed}.`),
    "",
  ].join("\n");
}
