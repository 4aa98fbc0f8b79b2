/** Shows `bufferedAmount` while messages drain. The page gets this function's source. @module */

import type { size } from "../../shared/bytes.ts";
import type { Elements } from "./elements.ts";

/** Panel that plots `bufferedAmount` of one socket after another. */
export interface BufferView {
  /** Clears the plot. */
  clear(): void;
  /** Plots a socket until nothing is buffered, or it is CLOSED. */
  watch(socket: WebSocket): void;
}

/** Binds the panel to the page. */
export function bufferViewOf(
  { get, after }: Elements,
  sizeOf: typeof size,
): BufferView {
  const EVERY = 4; // milliseconds: browsers do not go below that
  const MOST = 2000;
  let watched: WebSocket | undefined;
  let curve: { time: number; amount: number }[] = [];
  let since = 0;

  const draw = (): void => {
    const last = curve.at(-1)?.time ?? 0;
    const peak = Math.max(1, ...curve.map(({ amount }) => amount));
    const points = curve.map(({ time, amount }) => {
      const x = last === 0 ? 0 : 300 * time / last;
      return `${x.toFixed(1)} ${(45 - 42 * amount / peak).toFixed(1)}`;
    });
    if (points.length === 1) points.unshift(points[0]!.replace(/^\S+/, "0"));
    get("graph").setAttribute("d", points.length === 0 ? "" : `M${points.join("L")}`);
    get("area").setAttribute("d", points.length === 0 ? "" : `M0 48L${points.join("L")}L300 48Z`);
  };

  const look = (): void => {
    if (watched === undefined) return;
    const { bufferedAmount: amount, readyState } = watched;
    const time = performance.now() - since;
    if (curve.length === MOST) curve = curve.filter((_, i) => i % 2 === 0);
    curve.push({ time, amount });
    get("buffered").textContent = amount.toLocaleString("en");
    const peak = Math.max(...curve.map((point) => point.amount));
    const ended = amount === 0 || readyState === 3;
    const stuck = readyState >= 2 && ended && amount > 0;
    get("drained").textContent = stuck
      ? `${sizeOf(amount)} will never leave: it was sent too late, or the connection was lost`
      : ended
      ? `${sizeOf(peak)} drained in ${after(time).slice(1)}`
      : `of ${sizeOf(peak)}`;
    if (ended) watched = undefined;
    else setTimeout(look, EVERY);
    draw();
  };

  return {
    clear() {
      watched = undefined;
      curve = [];
      get("buffered").textContent = "0";
      get("drained").textContent = "";
      draw();
    },
    watch(socket) {
      if (watched !== undefined) return;
      watched = socket;
      curve = [];
      since = performance.now();
      look();
    },
  };
}
