/** @file The model card (`README.md` of a model directory): what the model is for, where it falls short, what it learned from. */
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import type { UnsealedManifest } from "./manifest.js";
import { partBytes } from "./sealed-file.js";

/** Figures to show, by what they measure: `GoEmotions test, macro-F1` → 0.51; text is shown as it is. */
export type CardFigures = Readonly<Record<string, number | string>>;

interface Source {
  readonly title: string;
  readonly licence: string;
  /** Its name on the Hugging Face hub, where it has one. */
  readonly hub?: string;
}

/** By the name a corpus has in an experiment. */
const sources: ReadonlyMap<string, Source> = new Map(
  Object.entries({
    goemotions: {
      title:
        "[GoEmotions](https://github.com/google-research/google-research/tree/master/goemotions), Reddit comments labelled by people (Demszky et al., 2020)",
      licence: "CC BY 4.0",
      hub: "google-research-datasets/go_emotions",
    },
    emobank: {
      title:
        "[EmoBank](https://github.com/JULIELab/EmoBank), sentences rated by people for valence, arousal, dominance (Buechel and Hahn, 2017)",
      licence: "CC BY-SA 4.0",
    },
    xed: {
      title:
        "[XED](https://github.com/Helsinki-NLP/XED), film subtitles (Öhman et al., 2020); as text alone, its labels are not used",
      licence: "CC BY 4.0",
    },
    lemotif: {
      title:
        "[Lemotif](https://github.com/xaliceli/lemotif), journal entries (Li and Parikh, 2020); as text alone, its labels are not used",
      licence: "MIT",
    },
    learner: {
      title: "Attune's learner corpus, written and labelled by a language model to a written guide",
      licence: "Apache-2.0",
    },
  }),
);
const otherSource: Source = { title: "a corpus of the trainer's own", licence: "see its owner" };

const answers: Readonly<Record<HeadName, string>> = {
  emotion: "which of 41 emotions of learning and everyday life the writer is in; one holds",
  goemotions: "the 28 labels of GoEmotions; several may hold",
  pad: "pleasure, arousal, dominance of a learner's message, each 0 to 1",
  emobank: "valence, arousal, dominance on EmoBank's scale, each 0 to 1",
  readiness: "readiness to learn on, 0 to 1",
  support: "how much help is called for, level 0 (none) to 5 (critical)",
};

/**
 * Renders the model card in Markdown, with the front matter of Hugging Face cards.
 * @param evaluation figures on test data; without them the card says that there are none and shows validation's
 */
export function renderCard(manifest: UnsealedManifest, evaluation?: CardFigures): string {
  return [
    renderFrontMatter(manifest),
    renderIntroduction(manifest),
    renderUse(),
    renderTraining(manifest),
    renderFigures(manifest, evaluation),
    renderCalibration(manifest),
    renderFiles(manifest),
  ].join("\n");
}

function renderFrontMatter({ name, base, training }: UnsealedManifest): string {
  const hubs = training.corpora.flatMap((corpus) => sources.get(corpus.name)?.hub ?? []);
  const datasets = hubs.length > 0 ? ["datasets:", ...hubs.map((hub) => `  - ${hub}`)] : [];
  return [
    "---",
    "language: en",
    "license: apache-2.0",
    "library_name: attune",
    "pipeline_tag: text-classification",
    `model_name: ${JSON.stringify(name)}`,
    `base_model: ${JSON.stringify(base.name)}`,
    ...datasets,
    "tags:",
    "  - emotion",
    "  - education",
    "  - onnx",
    "---",
    "",
  ].join("\n");
}

function renderIntroduction({
  name,
  version,
  created,
  description,
  base,
  precision,
  wordBits,
  maxTokens,
}: UnsealedManifest): string {
  return [
    `# ${name} ${version}`,
    "",
    `${description}${description ? "\n\n" : ""}Reads one message by a learner and says how they feel and what would help. ` +
      `A ${base.type === "bert" ? "BERT" : "MPNet"} encoder (${base.layers} layers, width ${base.hidden}, ${base.heads} heads, ` +
      `${format(base.parameters)} parameters, begun from ${base.name}) with six heads, ` +
      `trained in Node by Attune on ${created.slice(0, 10)}; weights in ${precision}${tellWordBits(wordBits)}, ${maxTokens} tokens at a time.`,
    "",
    ...renderTable(
      ["head", "outputs", "what it answers"],
      headNames.map((head) => [head, String(headSizes[head]), answers[head]]),
    ),
  ].join("\n");
}

/** Nothing where the word table is stored as all else is. */
const tellWordBits = (bits: UnsealedManifest["wordBits"]): string =>
  bits === undefined ? "" : ` (the word table in ${bits} bits)`;

function renderUse(): string {
  return `
## Intended use

For tutors, teachers and learning software that want to notice how a learner is doing and answer better: slow down,
explain again, encourage, offer a break, or bring in a person. It runs on the user's own machine; no text leaves it.

## Limits

- English only. Other languages get an answer that means little.
- The learner text it was trained and tested on was written and labelled by a language model, in the style of many
  kinds of learners. **Scores on text by people are lower than the scores on that corpus.** GoEmotions and EmoBank are
  text and judgements of people, but not of learners.
- One message at a time, without what came before. Irony, in-jokes and quotations are often misread.
- Readers disagree about emotions; so will you with some of the labels. Pleasure, arousal, dominance and readiness
  are one reader's scale.
- High support levels are rare in the training data. A low level is **not** a sign that nobody is in danger.

## Responsible use

- An answer is an estimate of what a text expresses, not a fact about a person and not a diagnosis.
- Look at \`confidence\`, \`predictionSet\` and \`uncertain\`; where it is uncertain, ask the learner.
- Not for grading, admission, discipline, hiring, surveillance or advertising, and never the only ground of a decision
  about a person. Inferring emotions of people at school or at work is restricted by law in some places (in the
  European Union by the AI Act, Article 5): check before using it there.
- Tell learners that it is used and for what, let them opt out, and keep no more text than you need.
`;
}

function renderTraining({ training }: UnsealedManifest): string {
  const { experiment, seed, steps, epochs, minutes, examples, corpora, teachers = [] } = training;
  const isAverage = experiment.includes("+"); // as `averageRuns` names it
  return [
    "## Training data",
    "",
    ...renderTable(
      ["corpus", "rows", "what it is", "licence"],
      corpora.map(({ name, rows }) => {
        const { title, licence } = sources.get(name) ?? otherSource;
        return [name, format(rows), title, licence];
      }),
    ),
    "",
    "## Training",
    "",
    `Experiment \`${experiment}\`, seed ${seed}: ${format(steps)} steps, ${format(epochs)} epochs, ` +
      `${format(examples)} examples seen, ${format(Math.round(minutes))} minutes. ` +
      (isAverage
        ? "Its weights are the average of these; steps, epochs and minutes are their sum."
        : "`attune train` with the same experiment and seed repeats it."),
    ...(teachers.length === 0
      ? []
      : ["", "Beside the labels it learned from what these said of the training texts:", ""]),
    ...renderTable(
      ["teacher", "base", "share of the answers", "SHA-256 of its weights"],
      teachers.map(({ name, base, share, sha256 }) => [name, base, format(share), sha256]),
    ),
    "",
  ].join("\n");
}

function renderFigures(
  { training, agreement, precision }: UnsealedManifest,
  evaluation?: CardFigures,
): string {
  const lines = ["## Figures", ""];
  if (evaluation && Object.keys(evaluation).length > 0) {
    lines.push(
      "On test data, measured through the engine that users call:",
      "",
      ...renderFigureTable(evaluation),
      "",
    );
  } else {
    lines.push("No evaluation on test data is recorded here: run `attune evaluate`.", "");
  }
  if (Object.keys(training.figures).length > 0) {
    lines.push("On validation data at the end of training:", "", ...renderFigureTable(training.figures), "");
  }
  if (agreement) {
    lines.push(`How far ${precision} answers as fp32 does:`, "", ...renderFigureTable(agreement), "");
  }
  return lines.join("\n");
}

/** A card with its part on calibration written anew and all else as it is, test figures too. */
export function renewCalibration(card: string, manifest: UnsealedManifest): string {
  return card.replace(/^## Calibration\n[\s\S]*?(?=^## )/m, () => `${renderCalibration(manifest)}\n`);
}

function renderCalibration({ calibration }: UnsealedManifest): string {
  const { temperatures, thresholds, conformal, uncertainty, ece } = calibration;
  return [
    "## Calibration",
    "",
    `Fitted on validation data. Temperatures: emotion ${format(temperatures.emotion)}, goemotions ` +
      `${format(temperatures.goemotions)}, support ${format(temperatures.support)}. A GoEmotions label holds above a ` +
      `threshold of its own (one for all would be ${format(thresholds.global)}). Prediction sets (RAPS) are made to hold ` +
      `the true class for ${format(conformal.coverage * 100)} % of messages. An answer is called uncertain below a confidence ` +
      `of ${format(uncertainty.minConfidence)}, with more than ${uncertainty.maxSetSize} classes in its set, or with more ` +
      `than ${format(uncertainty.maxUnknownShare * 100)} % of its tokens unknown` +
      (uncertainty.familiarity === undefined
        ? "."
        : `, or where its words and their spelling are more surprising than ${format(uncertainty.familiarity.maxSurprise)} ` +
          "nats a letter to who knows the training texts, as they are in one of 100 validation texts: other languages, random keys."),
    "",
    ...renderTable(
      ["expected calibration error", "before", "after"],
      Object.entries(ece).map(([head, { before, after }]) => [head, format(before), format(after)]),
    ),
    "",
  ].join("\n");
}

function renderFiles({ precision }: UnsealedManifest): string {
  return [
    "## Files",
    "",
    ...renderTable(
      ["file", "what it is"],
      [
        ["model.onnx", `encoder and heads, ${precision}, standard ONNX operators`],
        ["tokenizer.json", "the base encoder's tokenizer"],
        ["model.json", "labels in order, calibration, training record, size and SHA-256 of every other file"],
        ["README.md", "this card"],
      ],
    ),
    "",
    `Attune checks all of them on load; a file that was changed is refused. One of more than ${format(partBytes / 1e6)} MB ` +
      "lies in parts, `model.onnx.1`, `model.onnx.2` and so on, which Attune reads as one; for other programs, join them in order.",
    "",
  ].join("\n");
}

function renderFigureTable(figures: CardFigures): string[] {
  const rows = Object.entries(figures).map(([what, value]) => [
    what,
    typeof value === "number" ? format(value) : value,
  ]);
  return renderTable(["figure", "value"], rows);
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(header), `|${" --- |".repeat(header.length)}`, ...rows.map(line)];
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
}

/** Thousands set apart, at most three decimals; smaller numbers with two significant digits. */
function format(value: number): string {
  const digits = Math.abs(value) < 0.01 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 3 };
  return value.toLocaleString("en-US", digits);
}
