import { tryFilters } from "./filters.ts";
import { nginx } from "./kinds.ts";

tryFilters(nginx);
