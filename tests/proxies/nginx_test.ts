// Our servers behind nginx.

import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { nginx } from "./kinds.ts";
import { trySockets } from "./sockets.ts";

tryFilters(nginx);
trySockets(nginx);
tryEnds(nginx);
