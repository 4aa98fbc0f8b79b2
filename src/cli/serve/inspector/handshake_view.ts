/** Panel with the opening handshake. The page gets this function's source. @module */

import type { PageElement } from "./dom.ts";
import type { Elements } from "./elements.ts";
import type { Handshake, HttpMessage } from "./handshakes.ts";
import type { Explanations } from "./explanations.ts";

/** Panel that shows one handshake after another. */
export interface HandshakeView {
  /** Shows that the answer is awaited. */
  wait(url: string): void;
  /** Shows the handshake as the server saw it. */
  show(handshake: Handshake, extensions: string): void;
  /** Shows what the browser's API reveals, and why that is all. */
  showForeign(socket: WebSocket, offered: readonly string[], why: string): void;
}

/** Binds the panel to the page. */
export function handshakeViewOf(
  { get, make }: Elements,
  explanations: Explanations,
): HandshakeView {
  const panel = get("handshake");

  const header = (name: string, value: string): PageElement => {
    const line = make("div", "", make("span", "name", `${name}:`), ` ${value}`);
    const why = explanations.headers[name];
    if (why !== undefined) line.append(make("small", "why", why));
    return line;
  };

  const message = (from: string, { line, headers, body }: HttpMessage): PageElement[] => {
    const explained = headers.filter(([name]) => explanations.headers[name] !== undefined);
    const order = Object.keys(explanations.headers);
    explained.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    const others = headers.filter(([name]) => explanations.headers[name] === undefined);
    const refused = /^HTTP.* [45]\d\d/.test(line);
    const box = make("div", "http", make("div", refused ? "first no" : "first", line));
    for (const [name, value] of explained) box.append(header(name, value));
    if (others.length > 0) {
      const plural = others.length === 1 ? "header" : "headers";
      const rest = make("details", "", make("summary", "", `${others.length} more ${plural}`));
      for (const [name, value] of others) rest.append(header(name, value));
      box.append(rest);
    }
    if (body !== undefined && body !== "") box.append(make("pre", "", body.trimEnd()));
    return [make("div", "from", from), box];
  };

  return {
    wait(url) {
      panel.replaceChildren(make("p", "empty", `Waiting for the answer from ${url}`));
    },
    show({ request, response }, extensions) {
      const headers = [...response.headers];
      if (extensions !== "") headers.push(["Sec-WebSocket-Extensions", extensions]);
      panel.replaceChildren(
        ...message("Asked by the browser", request),
        ...message("Answered by the server", { ...response, headers }),
        make(
          "p",
          "empty",
          "A page cannot read these headers: this server reported what it received.",
        ),
      );
    },
    showForeign(socket, offered, why) {
      const agreed = socket.readyState === 1;
      const request = make("div", "http", header("URL", socket.url));
      request.append(header("Sec-WebSocket-Protocol", offered.join(", ") || "(none offered)"));
      const response = make("div", "http");
      if (agreed) {
        response.append(header("Sec-WebSocket-Protocol", socket.protocol || "(none)"));
        response.append(header("Sec-WebSocket-Extensions", socket.extensions || "(none)"));
      } else response.append("The browser does not say why it failed: not even the status.");
      panel.replaceChildren(
        make("div", "from", "Asked by the browser"),
        request,
        make("div", "from", agreed ? "Agreed" : "Not agreed"),
        response,
        make("p", "empty", why),
      );
    },
  };
}
