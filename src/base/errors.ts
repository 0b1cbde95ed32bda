/** @file One error type and one registry of codes, so that every failure has a name, a remedy, an HTTP status and an exit code. */

/** How a failure is reported outside the library: `http` for a service, `exit` for the shell. */
export interface ErrorFate {
  readonly http: number;
  readonly exit: number;
}

/** Exit codes: 2 wrong use or input, 3 data, 4 model, 5 training, 6 environment, 7 a gate not met, 1 a bug of ours. */
export const errorCodes = {
  USAGE: { http: 400, exit: 2 },
  CONFIG_INVALID: { http: 400, exit: 2 },
  INPUT_TYPE: { http: 400, exit: 2 },
  INPUT_EMPTY: { http: 422, exit: 2 },
  INPUT_TOO_LONG: { http: 413, exit: 2 },
  INPUT_ENCODING: { http: 422, exit: 2 },
  DATA_NOT_FOUND: { http: 404, exit: 3 },
  DATA_INVALID: { http: 422, exit: 3 },
  FETCH_FAILED: { http: 502, exit: 3 },
  FETCH_HASH: { http: 502, exit: 3 },
  MODEL_NOT_FOUND: { http: 500, exit: 4 },
  MODEL_FILE: { http: 500, exit: 4 },
  MODEL_HASH: { http: 500, exit: 4 },
  MODEL_VERSION: { http: 500, exit: 4 },
  MODEL_LABELS: { http: 500, exit: 4 },
  MODEL_SHAPE: { http: 500, exit: 4 },
  WEIGHTS_MISMATCH: { http: 500, exit: 4 },
  TOKENIZER_INVALID: { http: 500, exit: 4 },
  GRAPH_SHAPE: { http: 500, exit: 5 },
  GRAPH_TYPE: { http: 500, exit: 5 },
  GRAPH_GRADIENT: { http: 500, exit: 5 },
  TRAINING_DIVERGED: { http: 500, exit: 5 },
  CHECKPOINT_NOT_FOUND: { http: 500, exit: 5 },
  CHECKPOINT_CORRUPT: { http: 500, exit: 5 },
  CHECKPOINT_MISMATCH: { http: 500, exit: 5 },
  OUT_OF_MEMORY: { http: 503, exit: 6 },
  DISK_FULL: { http: 507, exit: 6 },
  FILE_SYSTEM: { http: 500, exit: 6 },
  PROVIDER_UNAVAILABLE: { http: 500, exit: 6 },
  RUNTIME_FAILED: { http: 500, exit: 6 },
  ENGINE_CLOSED: { http: 503, exit: 6 },
  HISTORY_FAILED: { http: 503, exit: 6 },
  GATE_NOT_MET: { http: 500, exit: 7 },
  INTERNAL: { http: 500, exit: 1 },
} as const satisfies Record<string, ErrorFate>;

/** A name from the registry of failures. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * The one error Attune throws. The message reads `where: expected X, got Y; remedy`.
 * @example throw new AppError("INPUT_EMPTY", "analyze: expected text, got an empty string; send at least one visible character")
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** HTTP status a service should answer with. */
  get http(): number {
    return errorCodes[this.code].http;
  }

  /** Exit code a command should end with. */
  get exit(): number {
    return errorCodes[this.code].exit;
  }
}

/**
 * Gives any thrown value a code; one that already has a code passes through unchanged.
 * A full disk and a lack of rights are recognised by their system error names.
 * @param where what was being done, e.g. `checkpoint: writing /runs/a/last.ckpt`
 */
export function toAppError(error: unknown, where: string, fallback: ErrorCode = "INTERNAL"): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && "code" in error ? String(error.code) : "";
  if (system === "ENOSPC" || system === "EDQUOT") {
    return new AppError("DISK_FULL", `${where}: no space left on the disk; free some and run again`, {
      cause: error,
    });
  }
  if (["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "EMFILE"].includes(system)) {
    return new AppError("FILE_SYSTEM", `${where}: ${message}; check the path and its rights`, {
      cause: error,
    });
  }
  return new AppError(fallback, `${where}: ${message}`, { cause: error });
}
