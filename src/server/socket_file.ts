/** The file of a unix socket, which outlives a process that is killed. @module */

/**
 * Removes the file of a unix socket on which nobody listens any more. Whoever wants to listen there
 * calls it after having tried: a process that was killed has left it behind, and would be in the way
 * of its own next start.
 *
 * @returns Whether the path is free now. It is not if somebody answers there, or might; nor if it is
 * another kind of file.
 */
export async function removeAbandoned(path: string): Promise<boolean> {
  const { lstatSync, unlinkSync } = await import("node:fs");
  try {
    const { ino, ctimeMs } = lstatSync(path);
    if (!lstatSync(path).isSocket() || !await isRefused(path)) return false;
    // Another process may have been here meanwhile: then it is that one's file.
    const present = lstatSync(path);
    if (present.ino !== ino || present.ctimeMs !== ctimeMs) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a connection is refused, as only a socket without a listener does. */
async function isRefused(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: { code?: string }) => resolve(error.code === "ECONNREFUSED"));
  });
}
