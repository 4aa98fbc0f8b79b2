/**
 * Whether somebody reads the body of a response, found out without making a stream of it.
 *
 * @module
 */

/** Symbol under which Deno keeps the internals of a response; `null` until it is looked up. */
let internals: symbol | undefined | null = null;

/** Bun's function that prints a value with its internals; `undefined` on other runtimes. */
const bun = Reflect.get(globalThis, "Bun") as { inspect(value: unknown): string } | undefined;

/**
 * Reports whether the body of a response has a reader.
 *
 * Reading `response.body` makes a stream of the body. On Deno, that takes ten times as long, and
 * its length is no longer sent: so there, the internals are read. On Bun, a text without a
 * content-type then loses its `text/plain`: so there, a body that is not a stream yet, which nobody
 * can read, is left alone. The servers of `node:http` run on all three, hence one function for all
 * adapters.
 */
export function isBodyLocked(response: Response): boolean {
  if (internals === null) {
    const symbols = Object.getOwnPropertySymbols(new Response());
    internals = symbols.find(({ description }) => description === "response");
  }
  if (internals !== undefined && internals in response) {
    const { body } = Reflect.get(response, internals) as {
      body?: { streamOrStatic?: ReadableStream };
    };
    return body?.streamOrStatic?.locked ?? false;
  }
  return !isStaticOnBun(response) && (response.body?.locked ?? false);
}

/**
 * Reports whether a response on Bun has a body that is not a stream; `false` where that is
 * irrelevant.
 */
function isStaticOnBun(response: Response): boolean {
  return bun !== undefined && response instanceof Response &&
    !response.headers.has("content-type") && /\bBlob \([^()]*\)\s*\}$/.test(bun.inspect(response));
}
