/** @file The one place that knows ONNX Runtime: opens a graph on a device and runs it. */
import * as ort from "onnxruntime-node";
import { AppError, toAppError } from "../base/errors.js";

// What goes wrong comes back as an error and is told once, with its remedy; the runtime's own lines would stand before it.
ort.env.logLevel = "fatal";

/** Element types Attune's graphs use, with the arrays that hold them (`bool` as bytes 0 and 1). */
export interface TensorArrays {
  float32: Float32Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** Name of an element type. */
export type TensorType = keyof TensorArrays;

/** A dense tensor in row-major order; `data` is used in place, never copied. */
export type Tensor = {
  [T in TensorType]: { readonly type: T; readonly dims: readonly number[]; readonly data: TensorArrays[T] };
}[TensorType];

/** Where and how a graph runs. */
export interface SessionOptions {
  /** Execution provider: `cpu` (default), `cuda`, `dml`, `webgpu`, `coreml` … */
  readonly device?: string | undefined;
  /** Threads inside an operator; 0 or absent lets ONNX Runtime choose. */
  readonly threads?: number | undefined;
  /** Reuse of memory plans: faster for one shape, heavier where shapes vary (default true). */
  readonly memoryPattern?: boolean | undefined;
  /** Where ONNX Runtime should write the graph as it optimised it, for inspection. */
  readonly optimizedModelPath?: string | undefined;
  /** Folder-free profile file prefix; switches ONNX Runtime's profiler on. */
  readonly profilePrefix?: string | undefined;
}

/** What each device needs installed, for the error that says it is not there. */
const remedies: Readonly<Record<string, string>> = {
  cuda: "install CUDA 12 with cuDNN 9 and reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda12 (Linux x64), or use --device cpu",
  tensorrt:
    "install TensorRT with CUDA 12 and reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda12, or use --device cpu",
  dml: "DirectML is part of onnxruntime-node on Windows only; use --device cpu",
  coreml: "Core ML is part of onnxruntime-node on macOS only; use --device cpu",
  webgpu: "WebGPU needs a driver with Vulkan, Metal or Direct3D 12; use --device cpu",
};

/** Devices that the installed ONNX Runtime can be asked for. */
export function listDevices(): readonly string[] {
  return ort.listSupportedBackends().map((backend) => backend.name);
}

/** A graph made ready to run. Close it when done: its memory is native and not collected. */
export class Session {
  readonly #session: ort.InferenceSession;
  readonly #where: string;
  #closed = false;

  private constructor(session: ort.InferenceSession, where: string) {
    this.#session = session;
    this.#where = where;
  }

  /**
   * Opens a model from a path or from its bytes.
   * @throws PROVIDER_UNAVAILABLE when the device is not in this build or cannot start
   * @throws MODEL_FILE when the bytes are no valid ONNX model
   */
  static async open(model: string | Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const device = options.device ?? "cpu";
    const where = typeof model === "string" ? model : "model";
    const available = listDevices();
    if (!available.includes(device)) {
      const remedy = remedies[device] ?? `use one of ${available.join(", ")}`;
      throw new AppError(
        "PROVIDER_UNAVAILABLE",
        `device: expected one of ${available.join(", ")}, got ${device}; ${remedy}`,
      );
    }
    const settings: ort.InferenceSession.SessionOptions = {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
      graphOptimizationLevel: "all",
      // Only what ends the process: every other error is thrown, with its message.
      logSeverityLevel: 4,
      enableMemPattern: options.memoryPattern ?? true,
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      ...(options.optimizedModelPath ? { optimizedModelFilePath: options.optimizedModelPath } : {}),
      ...(options.profilePrefix ? { enableProfiling: true, profileFilePrefix: options.profilePrefix } : {}),
      extra: { session: { set_denormal_as_zero: "1" } },
    };
    try {
      const session =
        typeof model === "string"
          ? await ort.InferenceSession.create(model, settings)
          : await ort.InferenceSession.create(model, settings);
      return new Session(session, where);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (device !== "cpu" && /provider|cuda|tensorrt|webgpu|dml|coreml|\.so|\.dll/i.test(message)) {
        const remedy = remedies[device] ?? "use --device cpu";
        throw new AppError(
          "PROVIDER_UNAVAILABLE",
          `device ${device}: could not start (${message}); ${remedy}`,
          {
            cause: error,
          },
        );
      }
      throw new AppError(
        "MODEL_FILE",
        `${where}: expected a valid ONNX model, got: ${message}; fetch or export it again`,
        {
          cause: error,
        },
      );
    }
  }

  /** Names of the graph's inputs, in order. */
  get inputs(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Names of the graph's outputs, in order. */
  get outputs(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs the graph. The thread is blocked meanwhile.
   * @param wanted outputs to compute: names, or tensors that the results are written into; all when absent
   * @throws RUNTIME_FAILED with ONNX Runtime's own message; OUT_OF_MEMORY when an allocation failed; ENGINE_CLOSED after `close`
   */
  async run(
    feeds: Readonly<Record<string, Tensor>>,
    wanted?: readonly string[] | Readonly<Record<string, Tensor | null>>,
  ): Promise<Record<string, Tensor>> {
    if (this.#closed)
      throw new AppError("ENGINE_CLOSED", `${this.#where}: the session is closed; open it again`);
    const inputs: Record<string, ort.Tensor> = {};
    for (const name in feeds) inputs[name] = toOrt(feeds[name] as Tensor);
    try {
      let results: ort.InferenceSession.OnnxValueMapType;
      if (wanted === undefined) results = await this.#session.run(inputs);
      else if (Array.isArray(wanted)) results = await this.#session.run(inputs, wanted as readonly string[]);
      else {
        const fetches: Record<string, ort.Tensor | null> = {};
        for (const [name, tensor] of Object.entries(wanted as Record<string, Tensor | null>))
          fetches[name] = tensor === null ? null : toOrt(tensor);
        results = await this.#session.run(inputs, fetches);
      }
      return fromOrt(results);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/bad_alloc|failed to allocate|out of memory/i.test(message)) {
        const bytes = Number(/buffer of size (\d+)/.exec(message)?.[1]);
        const wanted = bytes > 0 ? `${(bytes / 1e6).toFixed(0)} MB of memory in one piece` : "enough memory";
        throw new AppError(
          "OUT_OF_MEMORY",
          `${this.#where}: expected ${wanted}, got none; use a smaller batch (for training a smaller batchSize with a larger accumulate: the same gradients)`,
          {
            cause: error,
          },
        );
      }
      throw toAppError(error, this.#where, "RUNTIME_FAILED");
    }
  }

  /** Writes the profile, where profiling is on. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  /** Frees the native memory; further runs are refused. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release();
  }
}

function toOrt(tensor: Tensor): ort.Tensor {
  // ONNX Runtime reads a bool tensor from bytes, as ours are; its typed constructor accepts them.
  return new ort.Tensor(tensor.type, tensor.data as Float32Array, tensor.dims);
}

function fromOrt(results: ort.InferenceSession.OnnxValueMapType): Record<string, Tensor> {
  const out: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(results)) {
    const tensor = value as ort.Tensor;
    out[name] = { type: tensor.type, dims: tensor.dims, data: tensor.data } as Tensor;
  }
  return out;
}
