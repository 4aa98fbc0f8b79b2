/**
 * The page that makes a browser the client: it requests each case and echoes.
 *
 * @module
 */

/**
 * The page, as HTML. `?agent=NAME` names the browser. Default: its user agent.
 *
 * Each case has a path of its own: after a failed handshake, Firefox delays the next one to the
 * same path, longer each time, up to a minute; and many handshakes have to fail here.
 */
export const page: string = `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>isosocket judge</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
  progress { width: 100% }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } }
</style>
<h1>This browser is being judged</h1>
<progress value="0" max="1"></progress>
<p id="now">Connecting</p>
<script type="module">
const base = location.origin.replace("http", "ws");
const agent = new URLSearchParams(location.search).get("agent") ?? navigator.userAgent;
const bar = document.querySelector("progress");
const now = document.querySelector("#now");

function talk(path, onmessage) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => onmessage?.(event.data, socket);
    socket.onclose = resolve;
  });
}

let count = 0;
await talk("/getCaseCount", (data) => count = Number(data));
bar.max = count;
for (let number = 1; number <= count; number++) {
  now.textContent = number + " of " + count;
  const path = "/runCase/" + number + "?agent=" + encodeURIComponent(agent);
  await talk(path, (data, socket) => socket.send(data));
  bar.value = number;
}
await talk("/updateReports?agent=" + encodeURIComponent(agent));
now.textContent = "Done: " + count + " cases";
document.title = "done";
</script>
`;
