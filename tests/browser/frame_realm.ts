/** Script of a page that tries the realm of a frame in it. @module */

import { type MakeRealm, type Realm, tryRealm } from "../interop/realm.ts";

/** The part of a page's `document` that is used here. */
declare const document: {
  createElement(name: "iframe"): { readonly contentWindow: Realm; remove(): void };
  readonly body: { append(element: object): void };
};

/** Makes a frame of the same origin. */
export const makeFrame: MakeRealm = () => {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  return [frame.contentWindow, () => frame.remove()];
};

tryRealm("a frame", makeFrame);
