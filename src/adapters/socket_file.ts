/** The file of a unix socket, which remains when its process is killed. @module */

/**
 * Removes the file of a unix socket that no process listens on any more. It is called after an
 * attempt to listen has failed: the file of a process that was killed would prevent its restart.
 *
 * @returns `true` if the path is free now; `false` if a process listens there, or may, or if the
 * file is not a socket.
 */
export async function removeAbandoned(path: string): Promise<boolean> {
  const { lstatSync, unlinkSync } = await import("node:fs");
  try {
    const { ino, ctimeMs } = lstatSync(path);
    if (!lstatSync(path).isSocket() || !await isRefused(path)) return false;
    // Another process may have replaced the file meanwhile: then it is in use.
    const present = lstatSync(path);
    if (present.ino !== ino || present.ctimeMs !== ctimeMs) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Reports whether a connection is refused, which only happens on a socket without a listener. */
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
