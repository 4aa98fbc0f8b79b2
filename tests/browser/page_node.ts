/** What servers of Node's kind import from Node, in a page that runs one. @module */

// @ts-types="node:buffer"
import { Buffer } from "../../node_modules/buffer/index.js";

Object.assign(globalThis, { Buffer }); // where @trpc/server looks for it

export { Buffer };
// @ts-types="node:events"
export { EventEmitter } from "../../node_modules/events/events.js";

/** Only asked for by `instanceof`. */
export class IncomingMessage {}
