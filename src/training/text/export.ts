/** @file From a run to a model directory: weights into ONNX, calibration on the very model that ships, the card. */
import type { HeadName } from "../../base/head.js";
import type { Calibration } from "../../calibration/calibration.js";
import { fitCalibration } from "../../calibration/fit.js";
import { headLabels } from "../../emotion/labels.js";
import { renderCard } from "../../model/folder/card.js";
import { writeModelDirectory } from "../../model/folder/directory.js";
import type { ModelManifest, UnsealedManifest } from "../../model/folder/manifest.js";
import { encodeInference, type Precision } from "../../model/inference.js";
import { countParameters } from "../../model/parameter.js";
import { cutPositions } from "../../model/position-table.js";
import type { RoundingOptions } from "../../model/rounding/quantized-parameters.js";
import { Session, type SessionOptions } from "../../runtime/session.js";
import { Familiarity, learnFamiliarity } from "../../text/familiarity.js";
import { readSoftLabelManifest } from "../distillation/soft-labels.js";
import type { Experiment } from "../experiment.js";
import { recordTraining } from "../record/training-record.js";
import { measureAgreement } from "./agreement.js";
import type { Base } from "./base.js";
import { tokenizeAll } from "./dataset.js";
import { computeLogits } from "./forward.js";
import type { TrainedRun } from "./trained-run.js";
import { measureFigures } from "./validation.js";

/** How a run becomes a model. */
export interface ExportOptions {
  /** Where the model directory is written. */
  readonly to: string;
  /** Name of the model; by default that of the folder. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly precision: Precision;
  /** Tokens of a window when serving. */
  readonly maxTokens: number;
  readonly session: SessionOptions;
  /** How weights are rounded in int8. */
  readonly quantization?: RoundingOptions;
  /** Told what is being done. */
  readonly onStage?: (stage: string) => void;
}

/**
 * Writes a run as a model directory: the model in the precision asked for, calibrated through its own logits on the
 * validation rows, with its agreement with fp32 where it is quantised.
 * @throws as `loadRun` and `writeModelDirectory`
 */
export async function exportRun(run: TrainedRun, options: ExportOptions): Promise<ModelManifest> {
  const { base, dataset, weights } = run;
  const { onStage = () => undefined } = options;
  const untrained = listUntrained(run.experiment);
  if (untrained.length > 0) {
    onStage(
      `warning: ${untrained.join(", ")} never trained in this run; what the model says of them means nothing`,
    );
  }
  const teachers = await listTeachers(run); // first: should their folder be gone, that is told before minutes of measuring
  onStage("writing the graph");
  const served = cutPositions(
    { config: base.config, parameters: base.parameters, weights },
    options.maxTokens,
  );
  const encode = (precision: Precision): Uint8Array =>
    encodeInference(served.config, served.parameters, served.weights, precision, options.quantization).bytes;
  const bytes = encode(options.precision);
  const rows = tokenizeAll(dataset.validation, base.tokenizer, options.maxTokens);
  const measure = async (model: Uint8Array) => {
    const session = await Session.open(model, options.session);
    try {
      return await computeLogits(session, {}, rows, base.tokenizer.padId);
    } finally {
      await session.close();
    }
  };
  onStage(`measuring ${rows.length} validation rows`);
  const logits = await measure(bytes);
  const table = learnFamiliarity(new Set(dataset.train.map(({ text }) => text)));
  const familiarity = new Familiarity(table);
  const calibration = fitCalibration(
    dataset.validation.map((example, i) => ({
      logits: logits[i] as (typeof logits)[number],
      example,
      unknownShare: measureUnknown(base, example.text, options.maxTokens),
      surprise: familiarity.measureSurprise(example.text),
    })),
    { seed: run.experiment.seed, familiarity: table },
  );
  let agreement: UnsealedManifest["agreement"];
  if (options.precision === "int8") {
    onStage("comparing with fp32");
    const exact = await measure(encode("fp32"));
    agreement = measureAgreement(dataset.validation, logits, exact);
  }
  onStage("writing the folder");
  const figures = measureFigures(dataset.validation, logits);
  const manifest = describeModel(run, options, calibration, figures, teachers, agreement);
  return writeModelDirectory(options.to, {
    manifest,
    modelBytes: bytes,
    tokenizerJson: JSON.stringify(base.tokenizerFile),
    card: renderCard(manifest),
  });
}

type Teachers = UnsealedManifest["training"]["teachers"];

/** Heads whose answers every analysis holds. */
const servedHeads = ["emotion", "pad", "readiness", "support"] as const satisfies readonly HeadName[];

/** Heads that were never trained answer all the same, with what their first weights say: whoever exports must know. */
function listUntrained({ heads, lossWeights }: Experiment): HeadName[] {
  return servedHeads.filter((head) => !heads.includes(head) || lossWeights[head] === 0);
}

/** Whose answers a run learned from; `undefined` for one that had labels alone. @throws as `readSoftLabelManifest` */
async function listTeachers({ experiment: { distillation } }: TrainedRun): Promise<Teachers> {
  if (!distillation) return undefined;
  const { teachers } = await readSoftLabelManifest(distillation.labels);
  return teachers.map(({ name, base, share, sha256 }) => ({ name, base, share, sha256 }));
}

function measureUnknown({ tokenizer }: Base, text: string, maxTokens: number): number {
  const { tokens, unknown } = tokenizer.encode(text, maxTokens);
  return tokens === 0 ? 0 : unknown / tokens;
}

function describeModel(
  run: TrainedRun,
  options: ExportOptions,
  calibration: Calibration,
  figures: Record<string, number>,
  teachers: Teachers,
  agreement: UnsealedManifest["agreement"],
): UnsealedManifest {
  const { base, experiment, state, dataset } = run;
  const { config } = base;
  const parameters = countParameters(base.parameters);
  const labels = (list: readonly string[]) => ({ labels: list });
  return {
    formatVersion: 1,
    name: options.name,
    version: options.version,
    created: new Date().toISOString(),
    description: options.description,
    base: {
      name: base.name,
      type: config.type,
      layers: config.layers,
      hidden: config.hidden,
      heads: config.heads,
      parameters,
    },
    precision: options.precision,
    ...(options.precision === "int8" && options.quantization?.wordBits === 4 ? { wordBits: 4 as const } : {}),
    maxTokens: options.maxTokens,
    heads: {
      emotion: labels(headLabels.emotion),
      goemotions: labels(headLabels.goemotions),
      pad: labels(headLabels.pad),
      emobank: labels(headLabels.emobank),
      readiness: labels(headLabels.readiness),
      support: labels(headLabels.support),
    },
    calibration,
    ...(agreement ? { agreement } : {}),
    training: {
      ...recordTraining(experiment, state),
      examples: state.step * experiment.batchSize * experiment.accumulate,
      corpora: dataset.corpora.map(({ name, trainRows, sha256 }) => ({ name, rows: trainRows, sha256 })),
      ...(teachers && { teachers }),
      figures,
    },
  };
}
