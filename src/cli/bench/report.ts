/** What `bench` found, for people and for programs. @module */

import { duration } from "../shared/words.ts";
import { size } from "../shared/bytes.ts";
import type { Paint } from "../shared/paint.ts";
import { runtimeName, VERSION } from "../shared/version.ts";
import type { Measured, Shape } from "./load.ts";

/** A run, and what it was to be. */
export interface Bench {
  readonly url: string;
  readonly shape: Shape;
  readonly measured: Measured;
  readonly interrupted: boolean;
}

const PERCENTS = [50, 90, 99, 99.9] as const;

/** How many lines the histogram may have. */
const LINES = 14;

/** The widest bar. */
const BAR = 50;

/** Characters beside the bar. */
const BESIDE = 42;

/** From this part of a processor's time on, the client may be what is slow. */
const BUSY = 0.9;

/** A whole number with commas. */
export function whole(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? "" : "s"}`;
}

function rates({ measured: { messages, ms }, shape }: Bench): { messages: number; mega: number } {
  const perSecond = ms > 0 ? messages * 1000 / ms : 0;
  return { messages: perSecond, mega: perSecond * shape.size / 1e6 };
}

/** Why it did not go well: a sentence each. */
export function faults({ measured }: Bench): string[] {
  const { lost, why, wrong, unanswered } = measured;
  return [
    lost > 0 ? `Lost ${counted(lost, "connection")}: ${why}` : "",
    wrong > 0 ? `${counted(wrong, "answer")} not as sent: is it an echo server?` : "",
    unanswered > 0 ? `${counted(unanswered, "message")} had no answer` : "",
  ].filter((line) => line !== "");
}

/** For people. */
export function toText(bench: Bench, width: number, paint: Paint): string {
  const { url, shape, measured, interrupted } = bench;
  const { latency } = measured;
  const rate = rates(bench);
  const times = PERCENTS.map((percent) => ({
    name: `p${percent}`,
    time: latency.percentile(percent),
  }));
  const terms = [
    counted(shape.connections, "connection"),
    `${shape.inFlight} in flight`,
    `${shape.kind} of ${size(shape.size)}`,
  ];
  const busy = Math.round(measured.busy * 100);
  const hint = measured.busy >= BUSY ? ": the server may do more" : "";
  const lines = [
    paint("bold", url),
    `  ${terms.join(", ")}`,
    "",
    `  ${paint("bold", whole(rate.messages))} messages/s, ${rate.mega.toFixed(2)} MB/s each way`,
    `  ${whole(measured.messages)} in ${duration(measured.ms)}${
      interrupted ? ", interrupted" : ""
    }`,
    `  the client took ${busy} % of a CPU${hint}`,
    "",
    ...latencies([...times, { name: "max", time: latency.max }], width, paint),
    "",
    ...draw(bench, width, paint),
  ];
  return `${lines.join("\n")}\n`;
}

/** Latencies, on as many lines as it takes. */
function latencies(
  times: readonly { readonly name: string; readonly time: number }[],
  width: number,
  paint: Paint,
): string[] {
  const lines = ["  latency"];
  let room = width - "  latency".length;
  for (const { name, time } of times) {
    const text = duration(time / 1000);
    const taken = 2 + name.length + 1 + text.length;
    if (taken > room) {
      lines.push(" ".repeat("  latency".length));
      room = width - "  latency".length;
    }
    room -= taken;
    lines.push(`${lines.pop()}  ${paint("dim", name)} ${text}`);
  }
  return lines;
}

/** The histogram: a line for each part. */
function draw({ measured: { latency } }: Bench, width: number, paint: Paint): string[] {
  const parts = latency.parts(LINES);
  const most = Math.max(...parts.map(({ count }) => count));
  const room = Math.max(10, Math.min(BAR, width - BESIDE));
  return parts.map(({ from, to, count }) => {
    const range = `${round(from)} – ${round(to)}`.padStart(17);
    const share = `${(100 * count / latency.count).toFixed(2)} %`.padStart(9);
    const drawn = paint("cyan", bar(count / most, room));
    return `  ${range} ${whole(count).padStart(11)}${share} ${drawn}`.trimEnd();
  });
}

/** A round time, as short as it can be. */
function round(microseconds: number): string {
  if (microseconds < 1000) return `${Number(microseconds.toFixed(1))} µs`;
  const ms = microseconds / 1000;
  return ms < 1000 ? `${Number(ms.toFixed(2))} ms` : `${Number((ms / 1000).toFixed(2))} s`;
}

/** A bar with a resolution of an eighth of a character. What is there can be seen. */
function bar(part: number, room: number): string {
  const eighths = part === 0 ? 0 : Math.max(1, Math.round(part * room * 8));
  const rest = eighths % 8;
  return "█".repeat(Math.floor(eighths / 8)) + (rest === 0 ? "" : " ▏▎▍▌▋▊▉"[rest]);
}

/** For programs. Times are in milliseconds. */
export function toJson(bench: Bench): string {
  const { url, shape, measured, interrupted } = bench;
  const { latency, lost, wrong, unanswered, busy, messages, ms } = measured;
  const rate = rates(bench);
  const time = (microseconds: number): number => Math.round(microseconds) / 1000;
  return JSON.stringify(
    {
      isosocket: VERSION,
      runtime: runtimeName(),
      url,
      ...shape,
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
