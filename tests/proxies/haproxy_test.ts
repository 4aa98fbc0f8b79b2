import { tryFilters } from "./filters.ts";
import { haproxy } from "./kinds.ts";

tryFilters(haproxy);
