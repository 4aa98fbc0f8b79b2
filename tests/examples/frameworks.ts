/** The examples for frameworks and plain servers. @module */

/** An example, and what is tried of it. */
export interface Example {
  /** The package, as package.json has it. */
  readonly of?: string;
  /** A header that the framework, or its middleware, gives to all answers. */
  readonly header: readonly [name: string, value: string];
  /** Runtimes on which it runs. */
  readonly on: readonly ("deno" | "bun" | "node")[];
}

const EVERYWHERE = ["deno", "bun", "node"] as const;
const NOSNIFF = ["x-content-type-options", "nosniff"] as const;

/** Each example, by the name of its file. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  hono: { of: "hono", header: NOSNIFF, on: EVERYWHERE },
  hono_node_server: { of: "@hono/node-server", header: NOSNIFF, on: EVERYWHERE },
  h3: { of: "h3", header: NOSNIFF, on: EVERYWHERE },
  oak: { of: "@oakserver/oak", header: NOSNIFF, on: EVERYWHERE },
  express: { of: "express", header: ["x-powered-by", "Express"], on: EVERYWHERE },
  fastify: { of: "fastify", header: NOSNIFF, on: EVERYWHERE },
  http_server: { header: NOSNIFF, on: EVERYWHERE },
  deno_serve: { header: NOSNIFF, on: ["deno"] },
  bun_serve: { header: NOSNIFF, on: ["bun"] },
};
