/** @file From an intervention run to a model folder: weights into ONNX, what it needs and learned from into the manifest, the card. */
import { encodeModel, Graph } from "../../graph/index.js";
import { writeSealedFolder } from "../../model/folder/sealed-folder.js";
import { ConstantParameters } from "../../model/parameter-source.js";
import { listFeatures } from "../../policy/features.js";
import {
  type InterventionManifest,
  interventionFormat,
  interventionFormatVersion,
  type UnsealedInterventionManifest,
} from "../../policy/manifest.js";
import { buildValueInference, listValueParameters } from "../../policy/network.js";
import { recordTraining } from "../record/training-record.js";
import { renderInterventionCard } from "./card.js";
import type { TrainedInterventionRun } from "./run.js";

/** How a run becomes a model. */
export interface InterventionExportOptions {
  /** Where the model folder is written. */
  readonly to: string;
  readonly name: string;
  readonly version: string;
}

/** Writes an intervention run as a model folder. @throws as `writeSealedFolder` */
export async function exportInterventionRun(
  run: TrainedInterventionRun,
  { to, name, version }: InterventionExportOptions,
): Promise<InterventionManifest> {
  const { sizes, weights } = run;
  const specs = listValueParameters(sizes);
  const graph = new Graph();
  buildValueInference(graph, new ConstantParameters(graph, specs, weights), sizes);
  const manifest = describe(run, { name, version });
  const content = {
    "model.onnx": encodeModel(graph),
    "README.md": Buffer.from(renderInterventionCard(manifest)),
  };
  return writeSealedFolder(to, manifest, content, interventionFormat);
}

function describe(
  { experiment, sizes, record, state, figures }: TrainedInterventionRun,
  identity: { readonly name: string; readonly version: string },
): UnsealedInterventionManifest {
  const { hidden, gainHidden, heads } = sizes;
  return {
    formatVersion: interventionFormatVersion,
    kind: "intervention",
    ...identity,
    created: new Date().toISOString(),
    description: experiment.description,
    readinessModel: record.readinessModel,
    features: [...listFeatures(record.state)],
    network: { state: record.state, hidden, gainHidden, heads },
    measure: experiment.measure,
    cost: experiment.cost,
    training: {
      ...recordTraining(experiment, state),
      source: record.source,
      rows: record.rows,
      learners: record.learners,
      seeds: record.source === "simulated" ? Object.values(experiment.learners.seeds) : [],
      figures: { ...figures },
    },
  };
}
