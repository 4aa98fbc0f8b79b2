/** Node's HTTP server, as `serve()` starts and ends it. @module */

import type { Socket as TcpSocket } from "node:net";
import { answerConnect, answerHandshakes, answerRequest } from "./answer.ts";
import { createHttp, open } from "./http.ts";
import { cut } from "./reply.ts";
import type { Listening, Where } from "../../server/listening.ts";
import type { UpgradeContext } from "../../server/handler.ts";

/**
 * Starts Node's HTTP server. `serve()` calls it.
 *
 * @internal
 */
export async function listen(where: Where, context: UpgradeContext): Promise<Listening> {
  const { onError, options: { openTimeout } } = context;
  const http = createHttp(where, openTimeout, (incoming, reply) => {
    answerRequest(context, incoming, reply).catch((error) => {
      cut(reply);
      onError(error);
    });
  });
  http.on("connect", (incoming, stream: TcpSocket) => {
    answerConnect(context, incoming, stream).catch((error) => {
      stream.destroy();
      onError(error);
    });
  });
  answerHandshakes(http, context);
  const listening = await open(http, where);
  http.on("error", onError); // for instance, there are no descriptors left for a connection
  return listening;
}
