/** Report of `bench`, for people and for programs. @module */

import { duration } from "../shared/duration.ts";
import { size } from "../shared/bytes.ts";
import type { Paint } from "../shared/paint.ts";
import { runtimeName, VERSION } from "../shared/version.ts";
import type { Measurement, Workload } from "./load_generator.ts";

/** A measurement, and what was measured. */
export interface BenchResult {
  readonly url: string;
  readonly workload: Workload;
  readonly measurement: Measurement;
  readonly interrupted: boolean;
}

const PERCENTS = [50, 90, 99, 99.9] as const;

/** Maximum number of lines of the histogram. */
const LINES = 14;

/** Maximum width of a bar, in characters. */
const BAR = 50;

/** Number of characters beside the bar. */
const BESIDE = 42;

/** Part of a processor's time from which on the client may be the bottleneck. */
const BUSY = 0.9;

/** Formats a whole number, with commas. */
export function whole(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? "" : "s"}`;
}

function rates(
  { measurement: { messages, ms }, workload }: BenchResult,
): { messages: number; mega: number } {
  const perSecond = ms > 0 ? messages * 1000 / ms : 0;
  return { messages: perSecond, mega: perSecond * workload.size / 1e6 };
}

/** Returns what went wrong, a sentence each. */
export function problemsOf({ measurement }: BenchResult): string[] {
  const { lost, lossReason, wrong, unanswered } = measurement;
  return [
    lost > 0 ? `Lost ${counted(lost, "connection")}: ${lossReason}` : "",
    wrong > 0 ? `${counted(wrong, "answer")} not as sent: is it an echo server?` : "",
    unanswered > 0 ? `${counted(unanswered, "message")} had no answer` : "",
  ].filter((line) => line !== "");
}

/** Formats the report for people. */
export function toText(result: BenchResult, width: number, paint: Paint): string {
  const { url, workload, measurement, interrupted } = result;
  const { latency } = measurement;
  const rate = rates(result);
  const times = PERCENTS.map((percent) => ({
    name: `p${percent}`,
    time: latency.percentile(percent),
  }));
  const terms = [
    counted(workload.connections, "connection"),
    `${workload.inFlight} in flight`,
    `${workload.kind} of ${size(workload.size)}`,
  ];
  const busy = Math.round(measurement.busy * 100);
  const hint = measurement.busy >= BUSY ? ": the server may do more" : "";
  const lines = [
    paint("bold", url),
    `  ${terms.join(", ")}`,
    "",
    `  ${paint("bold", whole(rate.messages))} messages/s, ${rate.mega.toFixed(2)} MB/s each way`,
    `  ${whole(measurement.messages)} in ${duration(measurement.ms)}${
      interrupted ? ", interrupted" : ""
    }`,
    `  the client took ${busy} % of a CPU${hint}`,
    "",
    ...latencies([...times, { name: "max", time: latency.max }], width, paint),
    "",
    ...draw(result, width, paint),
  ];
  return `${lines.join("\n")}\n`;
}

/** Formats the latencies, on as many lines as needed. */
function latencies(
  times: readonly { readonly name: string; readonly time: number }[],
  width: number,
  paint: Paint,
): string[] {
  const lines = ["  latency"];
  let left = width - "  latency".length;
  for (const { name, time } of times) {
    const text = duration(time / 1000);
    const taken = 2 + name.length + 1 + text.length;
    if (taken > left) {
      lines.push(" ".repeat("  latency".length));
      left = width - "  latency".length;
    }
    left -= taken;
    lines.push(`${lines.pop()}  ${paint("dim", name)} ${text}`);
  }
  return lines;
}

/** Formats the histogram, a line for each part. */
function draw({ measurement: { latency } }: BenchResult, width: number, paint: Paint): string[] {
  const parts = latency.parts(LINES);
  const most = Math.max(...parts.map(({ count }) => count));
  const barWidth = Math.max(10, Math.min(BAR, width - BESIDE));
  return parts.map(({ from, to, count }) => {
    const range = `${round(from)} – ${round(to)}`.padStart(17);
    const share = `${(100 * count / latency.count).toFixed(2)} %`.padStart(9);
    const drawn = paint("cyan", bar(count / most, barWidth));
    return `  ${range} ${whole(count).padStart(11)}${share} ${drawn}`.trimEnd();
  });
}

/** Formats a round time, without trailing zeros. */
function round(microseconds: number): string {
  if (microseconds < 1000) return `${Number(microseconds.toFixed(1))} µs`;
  const ms = microseconds / 1000;
  return ms < 1000 ? `${Number(ms.toFixed(2))} ms` : `${Number((ms / 1000).toFixed(2))} s`;
}

/** Draws a bar with a resolution of an eighth of a character. Only 0 is empty. */
function bar(part: number, width: number): string {
  const eighths = part === 0 ? 0 : Math.max(1, Math.round(part * width * 8));
  const rest = eighths % 8;
  return "█".repeat(Math.floor(eighths / 8)) + (rest === 0 ? "" : " ▏▎▍▌▋▊▉"[rest]);
}

/** Formats the report as JSON. Times are in milliseconds. */
export function toJson(result: BenchResult): string {
  const { url, workload, measurement, interrupted } = result;
  const { latency, lost, wrong, unanswered, busy, messages, ms } = measurement;
  const rate = rates(result);
  const time = (microseconds: number): number => Math.round(microseconds) / 1000;
  return JSON.stringify(
    {
      isosocket: VERSION,
      runtime: runtimeName(),
      url,
      ...workload,
      messages,
      milliseconds: Math.round(ms),
      messagesPerSecond: Math.round(rate.messages),
      megabytesPerSecond: Math.round(rate.mega * 1000) / 1000,
      latency: {
        min: latency.count === 0 ? 0 : time(latency.min),
        mean: time(latency.mean),
        ...Object.fromEntries(PERCENTS.map((p) => [`p${p}`, time(latency.percentile(p))])),
        max: time(latency.max),
      },
      histogram: latency.parts(LINES).map(({ from, to, count }) => ({
        from: time(from),
        to: time(to),
        count,
      })),
      lost,
      wrong,
      unanswered,
      clientBusy: Math.round(busy * 100) / 100,
      interrupted,
    },
    undefined,
    2,
  ) + "\n";
}
