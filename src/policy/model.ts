/** @file An intervention model in use: features of situations in, the outcome of every level out, and a policy of it. */
import { AppError } from "../base/errors.js";
import { readSealedFolder } from "../model/folder/sealed-folder.js";
import { readinessFormat } from "../readiness/manifest.js";
import { Session, type SessionOptions, type Tensor } from "../runtime/session.js";
import { levelCount } from "./decision.js";
import type { FeatureRow } from "./features.js";
import { createLearned, type LearnedPolicyOptions, type OutcomeModel } from "./learned-policy.js";
import { type InterventionManifest, interventionFormat, retrainIntervention } from "./manifest.js";
import type { Policy } from "./policies.js";

/** A readiness model as an intervention model knows it. */
export type ReadinessIdentity = InterventionManifest["readinessModel"];

/** How an intervention model is loaded. */
export interface InterventionModelOptions extends Pick<SessionOptions, "device" | "threads"> {
  /** The readiness model whose states it will be given, to be compared with the one it learned from. */
  readonly readinessModel?: ReadinessIdentity | undefined;
}

/** Rows of one pass: past this a CPU gains nothing and memory grows. */
const maxBatch = 1024;

/** Name, version and file of the readiness model in a folder; every file is checked. @throws as `ReadinessModel.load` */
export async function identifyReadiness(folder: string): Promise<ReadinessIdentity> {
  const { manifest } = await readSealedFolder(folder, readinessFormat);
  const { name, version, files } = manifest;
  return { name, version, sha256: files["model.onnx"]?.sha256 ?? "" };
}

/**
 * Expects the outcome of every level.
 * @example
 * const model = await InterventionModel.load("models/attune-intervention");
 * const decider = new Decider({ policy: model.createPolicy() });
 */
export class InterventionModel implements OutcomeModel {
  readonly manifest: InterventionManifest;
  readonly #session: Pick<Session, "run" | "close">;

  private constructor(manifest: InterventionManifest, session: Pick<Session, "run" | "close">) {
    this.manifest = manifest;
    this.#session = session;
  }

  /**
   * Loads a model from its folder; every file is checked.
   * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION where the folder is not a whole model
   * @throws WEIGHTS_MISMATCH where it learned from another readiness model than the one named
   * @throws PROVIDER_UNAVAILABLE where the device is not there
   */
  static async load(folder: string, options: InterventionModelOptions = {}): Promise<InterventionModel> {
    const { manifest, contentOf } = await readSealedFolder(folder, interventionFormat);
    const { device, threads, readinessModel } = options;
    if (readinessModel !== undefined) requireReadiness(manifest.readinessModel, readinessModel, folder);
    return new InterventionModel(manifest, await Session.open(contentOf("model.onnx"), { device, threads }));
  }

  /** A model over parts already loaded; it closes the session when it is closed. */
  static assemble(
    manifest: InterventionManifest,
    session: Pick<Session, "run" | "close">,
  ): InterventionModel {
    return new InterventionModel(manifest, session);
  }

  get heads(): number {
    return this.manifest.network.heads;
  }

  /** @throws MODEL_SHAPE where a row has another number of features than the model reads */
  async predict(rows: readonly FeatureRow[]): Promise<Float32Array> {
    const size = this.heads * levelCount;
    const all = new Float32Array(rows.length * size);
    for (let start = 0; start < rows.length; start += maxBatch) {
      all.set(await this.#predict(rows.slice(start, start + maxBatch)), start * size);
    }
    return all;
  }

  /** The learned policy, with the costs the model was trained for unless others are given. @throws CONFIG_INVALID */
  createPolicy(options: Partial<Pick<LearnedPolicyOptions, "cost" | "floor" | "temperature">> = {}): Policy {
    return createLearned({ model: this, cost: this.manifest.cost, ...options });
  }

  /** Frees the model. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #predict(rows: readonly FeatureRow[]): Promise<Float32Array> {
    const { length: features } = this.manifest.features;
    const values = new Float32Array(rows.length * features);
    const known = new Float32Array(rows.length * features);
    rows.forEach((row, i) => {
      if (row.values.length !== features) {
        throw new AppError(
          "MODEL_SHAPE",
          `intervention: expected ${features} features, got ${row.values.length}; use the readiness model it was trained with, or retrain: ${retrainIntervention}`,
        );
      }
      values.set(row.values, i * features);
      known.set(row.known, i * features);
    });
    const dims = [rows.length, features];
    const feeds: Record<string, Tensor> = {
      values: { type: "float32", dims, data: values },
      known: { type: "float32", dims, data: known },
    };
    const { outcome } = await this.#session.run(feeds, ["outcome"]);
    return (outcome as Tensor).data as Float32Array;
  }
}

function requireReadiness(expected: ReadinessIdentity, got: ReadinessIdentity, folder: string): void {
  if (expected.sha256 === got.sha256) return;
  const print = ({ name, version, sha256 }: ReadinessIdentity): string =>
    `${name} ${version} (${sha256.slice(0, 12)})`;
  throw new AppError(
    "WEIGHTS_MISMATCH",
    `${folder}: expected the readiness model it was trained on, ${print(expected)}, got ${print(got)}; retrain: ${retrainIntervention}`,
  );
}
