// deno-lint-ignore-file no-explicit-any -- any is what they are
/** ws has no types of its own; the adapter says what it uses. */
declare module "ws" {
  export const Receiver: any;
  export const Sender: any;
  export const WebSocket: any;
  export const WebSocketServer: any;
}
