/** @file Progress of long work on stderr: a live bar for a person at a terminal, plain lines now and then for a log. */
import type { Writable } from "node:stream";
import { SingleBar } from "cli-progress";

/** Figures shown beside the bar, e.g. `{ loss: 1.234, "examples/s": 410 }`; numbers are shortened, strings shown as they are. */
export type ProgressFields = Readonly<Record<string, string | number>>;

/** What is being done and how much of it there is. */
export interface ProgressOptions {
  /** A few words: `train epoch 1`, `fetch minilm`. */
  readonly label: string;
  /** Amount that is the whole; 0 where it is not known (then only the amount done is shown). */
  readonly total: number;
  /** Where to write; stderr unless told. A bar is drawn only where the stream is a terminal. */
  readonly stream?: Writable & { readonly isTTY?: boolean };
  /** How amounts are written, e.g. bytes as MB; a plain grouped number unless told. */
  readonly format?: (amount: number) => string;
  /** Shortest time between two plain lines, ms. */
  readonly lineIntervalMs?: number;
}

/** A running display. */
export interface Progress {
  /** Shows the amount done so far (not an increment) and, if given, new figures; cheap enough to call every step. */
  update(done: number, fields?: ProgressFields): void;
  /** Leaves the last state on the screen and frees the terminal; later calls do nothing. */
  stop(): void;
}

/** Starts a display of progress. */
export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  return stream.isTTY === true && options.total > 0 ? drawBar(options, stream) : writeLines(options, stream);
}

const groupDigits = (amount: number): string => Math.round(amount).toLocaleString("en-US");

function drawBar(options: ProgressOptions, stream: Writable): Progress {
  const show = options.format ?? groupDigits;
  // Only what moves is drawn again: the bar itself redraws at most 10 times a second.
  const bar = new SingleBar({
    stream: stream as NodeJS.WriteStream,
    format: `${options.label} {bar} {percentage}% · {done}/{whole}{figures} · {eta_formatted} left`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    fps: 10,
    hideCursor: true,
    gracefulExit: false,
    etaBuffer: 50,
  });
  const payload = { done: show(0), whole: show(options.total), figures: "" };
  bar.start(options.total, 0, payload);
  let running = true;
  return {
    update(done, fields) {
      if (!running) return;
      payload.done = show(done);
      if (fields !== undefined) payload.figures = writeFields(fields);
      bar.update(Math.min(done, options.total), payload);
    },
    stop() {
      if (!running) return;
      running = false;
      bar.stop();
    },
  };
}

function writeLines(options: ProgressOptions, stream: Writable): Progress {
  const show = options.format ?? groupDigits;
  const interval = options.lineIntervalMs ?? 5000;
  const started = Date.now();
  let running = true;
  let last = { done: 0, figures: "" };
  let writtenAt = started;
  let unwritten = false;
  const write = (): void => {
    const seconds = (Date.now() - started) / 1000;
    const share = options.total > 0 ? `/${show(options.total)} ${percent(last.done, options.total)}` : "";
    stream.write(`${options.label}: ${show(last.done)}${share}${last.figures} · ${seconds.toFixed(0)} s\n`);
    writtenAt = Date.now();
    unwritten = false;
  };
  return {
    update(done, fields) {
      if (!running) return;
      last = { done, figures: fields === undefined ? last.figures : writeFields(fields) };
      unwritten = true;
      if (Date.now() - writtenAt >= interval) write();
    },
    stop() {
      if (running && unwritten) write();
      running = false;
    },
  };
}

function percent(done: number, total: number): string {
  return `${Math.floor((100 * Math.min(done, total)) / total)}%`;
}

function writeFields(fields: ProgressFields): string {
  const shorten = (value: string | number): string => {
    if (typeof value === "string") return value;
    if (Number.isInteger(value)) return groupDigits(value);
    return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? value.toPrecision(4) : value.toExponential(2);
  };
  return Object.entries(fields)
    .map(([name, value]) => ` · ${name} ${shorten(value)}`)
    .join("");
}
