/** The published message. @module */

/** 64 bytes. */
export const TEXT: string = "to all who listen, ".repeat(4).slice(0, 64);
