// Our servers behind HAProxy.

import { tryDocumented } from "./documented.ts";
import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { haproxy } from "./kinds.ts";
import { trySockets } from "./sockets.ts";

tryFilters(haproxy);
trySockets(haproxy);
tryEnds(haproxy);
tryDocumented(haproxy);
