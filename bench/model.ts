/** @file The model that serving benchmarks measure, or the plain reason why there is none. */
import { AppError } from "../src/base/errors.js";
import { locateModel } from "../src/engine/location.js";
import type { BenchOptions } from "./report.js";

/** Folder of the model, or what stands in the way. */
export function findModel({
  model,
}: BenchOptions): { readonly folder: string } | { readonly missing: string } {
  try {
    return { folder: locateModel(model) };
  } catch (error) {
    if (error instanceof AppError && error.code === "MODEL_NOT_FOUND") return { missing: error.message };
    throw error;
  }
}
