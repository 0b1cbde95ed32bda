/** @file Who is asked for soft labels: a run, with the weights it is judged by, or a model as it was exported. */
import { createHash } from "node:crypto";
import { headLabels } from "../../emotion/labels.js";
import { readModelDirectory } from "../../model/folder/directory.js";
import { encodeInference, type Precision } from "../../model/inference.js";
import { Tokenizer } from "../../text/tokenizer.js";
import { locateSource } from "../text/source.js";
import { loadRun, type TrainedRun } from "../text/trained-run.js";
import type { SoftLabelManifest } from "./soft-label-format.js";

/** A model that answers, and what is kept of who it was. */
export interface Teacher {
  /** Whose answers they are, but for the share that whoever asks gives them. */
  readonly origin: Omit<SoftLabelManifest["teachers"][number], "share">;
  readonly tokenizer: Tokenizer;
  /** Longest text it reads, special tokens included. */
  readonly maxTokens: number;
  /** The graph as ONNX bytes: made when it is asked, so that only one teacher's is held at a time. */
  readonly encode: () => Uint8Array;
}

/**
 * A run as a teacher. Its hash is over all weights in their order, before any rounding.
 * @param precision int8 takes half the time and answers nearly the same
 */
export function teachRun({ experiment, base, weights }: TrainedRun, precision: Precision = "fp32"): Teacher {
  const digest = createHash("sha256");
  for (const { name } of base.parameters) digest.update(weights.get(name) ?? new Float32Array(0));
  const sha256 = digest.digest("hex");
  return {
    origin: { name: experiment.name, base: base.config.type, precision, sha256 },
    tokenizer: base.tokenizer,
    maxTokens: base.config.maxPositions - base.config.positionOffset,
    encode: () => encodeInference(base.config, base.parameters, weights, precision).bytes,
  };
}

/**
 * A teacher by its folder, or a shipped model by its name. A model answers in the precision it was exported in; its hash is
 * that of `model.onnx`.
 * @param precision of a run
 * @throws CHECKPOINT_NOT_FOUND where it is neither run nor model; as `loadRun`, `readModelDirectory`
 */
export async function loadTeacher(nameOrFolder: string, precision: Precision): Promise<Teacher> {
  const { kind, folder } = locateSource(nameOrFolder, "teacher");
  if (kind === "run") return teachRun(await loadRun(folder), precision);
  const { manifest, modelBytes, tokenizer } = await readModelDirectory(folder, headLabels);
  const sha256 = createHash("sha256").update(modelBytes).digest("hex");
  return {
    origin: {
      name: `${manifest.name} ${manifest.version}`,
      base: manifest.base.type,
      precision: manifest.precision,
      sha256,
    },
    tokenizer: Tokenizer.fromJson(tokenizer),
    maxTokens: manifest.maxTokens,
    encode: () => modelBytes,
  };
}
