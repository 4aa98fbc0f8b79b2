/** The echo server without limits and counts: sockets without a guard. @module */

import { ServerCore } from "../../src/server/server_core.ts";
import { Socket } from "../../src/core/socket.ts";

ServerCore.prototype.admit = function (_info, init, _limits, begin) {
  return new Socket(init, this.options, begin) as ReturnType<ServerCore["admit"]>;
};
await import("./isosocket.ts");
