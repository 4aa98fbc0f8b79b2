/** The class of all sockets: a module of its own, since pages have another. @module */

export { Socket } from "../core/socket.ts";
