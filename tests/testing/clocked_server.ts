/** Scripted servers on a fake clock. @module */

import {
  FakeClock,
  type Script,
  type ScriptedServer,
  scriptedServer,
  type ScriptedServerOptions,
} from "@isosocket/isosocket/testing";

/** Address to which the tests connect. */
export const ADDRESS = "ws://chat.invalid/room?x=1";

/** A scripted server, and its clock. */
export interface ClockedServer {
  readonly clock: FakeClock;
  readonly server: ScriptedServer;
}

/** Makes a server without heartbeat and idleTimeout. */
export function clockedServer(
  script?: Script,
  options: ScriptedServerOptions = {},
): ClockedServer {
  const clock = new FakeClock();
  const signs = { heartbeat: 0, idleTimeout: 0 };
  return { clock, server: scriptedServer(script, { clock, ...signs, ...options }) };
}
