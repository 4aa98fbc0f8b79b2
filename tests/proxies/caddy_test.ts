// Caddy between both ends of the judge.

import process from "node:process";
import { tryThrough } from "./through.ts";

tryThrough("Caddy", {
  path: process.env["CADDY"] ?? "/usr/bin/caddy",
  args: (configuration) => ["run", "--config", configuration, "--adapter", "caddyfile"],
}, "Caddyfile");
