/** The proxies that are tried, each with a configuration for the same ends. @module */

import process from "node:process";
import { blocksOf } from "../pages/page.ts";
import { CERT, KEY } from "../server/certificate.ts";
import { type Program, type Proxy, start } from "./proxy.ts";

/** Options for a proxy. */
export interface Rules {
  /** Port of the server behind it. */
  readonly backend: number;
  /** Whether it answers 403 for the path `/admin`, or for all that begin with it. */
  readonly denies?: "exactly" | "prefix";
  /** Whether it filters by paths as `URL` writes them: by the lines of docs/deploying.md. */
  readonly normalises?: boolean;
  /** Time in ms after which it drops a connection on which nothing happens. */
  readonly idle?: number;
}

/** A kind of proxy. */
export interface Kind {
  readonly name: "nginx" | "HAProxy";
  /** Reason for which it filters by a path with dot segments; `undefined` if it resolves them. */
  readonly keepsDotSegments: string | undefined;
  /** Whether a server sees `Upgrade: h2c`, which HAProxy takes away. */
  readonly passesOtherUpgrades: boolean;
  start(rules: Rules): Promise<Proxy>;
  /** Starts it over TLS with the block of docs/deploying.md, before the address of a server. */
  startDocumented(server: string): Promise<Proxy>;
}

/** A piece of configuration on docs/deploying.md. */
export function codeOf(language: "nginx" | "haproxy", part: string): string {
  const found = blocksOf("docs/deploying.md")
    .filter(({ info, code }) => info === language && code.includes(part));
  if (found.length === 1) return found[0]!.code;
  throw new Error(`Cannot find ${part} on the page: ${found.length} blocks have it`);
}

/** nginx, with a configuration. */
export const nginxProgram: Program = {
  path: process.env["NGINX"] ?? "/usr/sbin/nginx",
  args: (configuration, folder) => ["-p", folder, "-c", configuration],
};

/** Files that nginx writes, below the folder of its own. */
const NGINX_FILES = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((name) => `${name}_temp_path ${name};`).join("\n");

/** Name of the file of a key and its certificate. */
const PEM = "chain.pem";

const PEMS = { [PEM]: `${CERT}\n${KEY}` };

/**
 * Starts nginx.
 *
 * @param server Content of the `server` block behind its `listen`.
 * @param secure Whether it speaks TLS.
 */
export function startNginx(server: string, secure = false): Promise<Proxy> {
  const listen = secure ? ` ssl; ssl_certificate ${PEM}; ssl_certificate_key ${PEM}` : "";
  return start(nginxProgram, (port) => `
daemon off;
master_process off; # so that it is one process, and can be killed
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${NGINX_FILES}
  server {
    listen 127.0.0.1:${port}${listen};
    ${server}
  }
}
`, PEMS);
}

/** Starts it with the blocks of docs/deploying.md for a filter by host, or without that filter. */
export function startNginxForHost(server: string, filters: boolean): Promise<Proxy> {
  const filter = filters ? codeOf("nginx", "$http_host !~*") : "";
  const pass = codeOf("nginx", "proxy_pass").replace("127.0.0.1:8080", server);
  return startNginx(`server_name app.example; ${filter} ${pass}`);
}

/** nginx, configured by docs/deploying.md to pass handshakes on. */
export const nginx: Kind = {
  name: "nginx",
  keepsDotSegments: undefined,
  passesOtherUpgrades: true,
  start: ({ backend, denies, idle = 60_000, normalises = false }) =>
    startNginx(`
    ${normalises ? codeOf("nginx", "$request_uri") : ""}
    ${
      denies === undefined
        ? ""
        : `location ${denies === "exactly" ? "= " : ""}/admin { return 403; }`
    }
    location / {
      proxy_pass http://127.0.0.1:${backend};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $http_host;
      proxy_read_timeout ${idle}ms;
    }`),
  startDocumented: (server) =>
    startNginx(codeOf("nginx", "proxy_pass").replace("127.0.0.1:8080", server), true),
};

/** HAProxy, with a configuration. */
export const haproxyProgram: Program = {
  path: process.env["HAPROXY"] ?? "/usr/sbin/haproxy",
  args: (configuration) => ["-db", "-f", configuration],
};

/** Starts HAProxy; the section must bind to the address that it is given. */
export function startHaproxy(
  sections: (address: string) => string,
  { defaults = "", secure = false } = {},
): Promise<Proxy> {
  return start(haproxyProgram, (port) => `
global
  nbthread 1
  maxconn 100
  expose-experimental-directives # for normalize-uri
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  retries 0
  ${defaults}
${sections(`127.0.0.1:${port}${secure ? ` ssl crt ${PEM}` : ""}`)}
`, PEMS);
}

/** HAProxy, which passes handshakes on by itself. */
export const haproxy: Kind = {
  name: "HAProxy",
  keepsDotSegments: "HAProxy looks at a path as it was sent, and URL resolves it",
  passesOtherUpgrades: false,
  start: ({ backend, denies, idle = 60_000, normalises = false }) =>
    startHaproxy(
      (address) => `
listen app
  bind ${address}
  ${normalises ? codeOf("haproxy", "normalize-uri") : ""}
  ${
        denies === undefined
          ? ""
          : `http-request deny if { path${denies === "exactly" ? "" : "_beg"} /admin }`
      }
  server app 127.0.0.1:${backend}
`,
      { defaults: `timeout tunnel ${idle}ms` },
    ),
  startDocumented: (server) => {
    const code = codeOf("haproxy", "forwardfor").replace("127.0.0.1:8080", server);
    return startHaproxy((address) => code.replace("bind :80", `bind ${address}`), { secure: true });
  },
};
