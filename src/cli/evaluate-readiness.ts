/** @file `attune evaluate --readiness`: measures a readiness model on simulated learners it never met. */
import { colorsFor } from "./terminal.js";

/** Flags of `evaluate` that count here. */
export interface ReadinessFlags {
  /** Name or folder; `true` for the shipped one. */
  readonly readiness: string | true;
  readonly model?: string;
  readonly device?: string;
  readonly seed: number;
  readonly resamples: number;
  readonly json?: string;
  readonly gate?: string;
}

/** Threads the readiness model is timed with. */
const threads = 2;

/** Measures, prints, and holds the figures against gates. @param write writes a file and says so */
export async function evaluateReadinessModel(
  flags: ReadinessFlags,
  write: (path: string, content: string) => Promise<void>,
): Promise<void> {
  const [
    { EmotionEngine },
    { defaultReadiness },
    { locateModel },
    { ReadinessModel },
    { retrain },
    { loadUtterances },
    { Voices },
    { evaluateReadiness },
    gates,
    { renderReadinessTerminal },
    { createProgress },
  ] = await Promise.all([
    import("../engine/engine.js"),
    import("../engine/engine-options.js"),
    import("../engine/location.js"),
    import("../readiness/model.js"),
    import("../readiness/manifest.js"),
    import("../data/utterances.js"),
    import("../simulation/voices.js"),
    import("../evaluation/readiness.js"),
    import("../evaluation/gates.js"),
    import("../evaluation/readiness-terminal.js"),
    import("./progress.js"),
  ]);
  const wanted = flags.gate === undefined ? [] : await gates.readGates(flags.gate);
  const folder = locateModel(flags.readiness === true ? defaultReadiness : flags.readiness, retrain);
  const engine = await EmotionEngine.load({ model: flags.model, device: flags.device });
  try {
    const textModel = engine.modelFile;
    const model = await ReadinessModel.load(folder, { textModel, device: flags.device, threads });
    try {
      const texts = await loadUtterances("test");
      const progress = createProgress({ label: "read messages", total: texts.length });
      const voices = await Voices.read(
        texts,
        (some) => engine.read(some),
        (done) => progress.update(done),
      ).finally(() => progress.stop());
      process.stderr.write("simulating learners and comparing\n");
      const result = await evaluateReadiness({
        model,
        trainedOn: model.trainedOn,
        voices,
        seed: flags.seed,
        resamples: flags.resamples,
      });
      const outcomes = gates.checkGates(result, wanted);
      process.stdout.write(
        renderReadinessTerminal(result, outcomes, flags.resamples, colorsFor(process.stdout)),
      );
      if (flags.json !== undefined) await write(flags.json, `${JSON.stringify(result, null, 2)}\n`);
      gates.enforceGates(outcomes);
    } finally {
      await model.close();
    }
  } finally {
    await engine.close();
  }
}
