// A process that imports a server, isosocket's or that of `ws`, starts it, and prints how long that took, in
// milliseconds, and whether undici has been loaded for it. Node only.

const begun = performance.now();
const { serve, WebSocketServer } = await import(process.argv[2]);
if (serve !== undefined) {
  await serve({ port: 0, hostname: "127.0.0.1" }, () => new Response("Hello"));
} else {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.on("listening", resolve));
}
const ms = performance.now() - begun;
const isUndiciLoaded = process.moduleLoadList.some((name) => /\bundici\b/.test(name));
console.log(JSON.stringify({ ms, isUndiciLoaded }));
process.exit();
