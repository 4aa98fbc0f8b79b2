/** The inspector page: its HTML. @module */

const ICON = "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M5 2v12M5 2 2 5m3-3 3 3M11 14V2m0 12-3-3m3 3 3-3" fill="none" stroke="#0d9488" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
);

/** The inspector page. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>WebSocket inspector · isosocket</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/inspector.css">
<script type="module" src="/inspector.js"></script>
</head>
<body>
<header class="top">
  <h1>WebSocket inspector</h1>
  <p>One connection, from the handshake to the last frame. Change anything; nothing here can break.</p>
</header>

<section class="line" aria-label="readyState">
  <ol id="states">
    <li data-state="0"><span class="dot">0</span><b>CONNECTING</b><time></time></li>
    <li data-state="1"><span class="dot">1</span><b>OPEN</b><time></time></li>
    <li data-state="2"><span class="dot">2</span><b>CLOSING</b><time></time></li>
    <li data-state="3"><span class="dot">3</span><b>CLOSED</b><time></time></li>
  </ol>
  <p id="state-means" aria-live="polite">This is <code>readyState</code>. It only moves forward.</p>
  <p id="latest" aria-hidden="true"></p>
</section>

<main>
<div class="parts">
  <section class="card">
    <h2>Connect</h2>
    <p class="note">A WebSocket begins as an HTTP request. If the server agrees, the same connection
      stays open, and both sides may send at any time.</p>
    <form id="connect">
      <label class="whole">URL
        <input id="url" spellcheck="false" autocomplete="off" autocapitalize="off" inputmode="url"
          placeholder="ws://… or wss://…"></label>
      <label class="wide">Subprotocols <small>optional, the one you like best first</small>
        <input id="protocols" spellcheck="false" autocomplete="off" autocapitalize="off"
          placeholder="chat.v2, chat.v1"></label>
      <button class="main">Connect</button>
      <label class="whole switch"><input type="checkbox" id="reconnect">
        <span>Connect again when it is lost <small>with <code>reconnect()</code> of isosocket:
          <code>readyState</code> goes back to 0, and what you send waits</small></span></label>
    </form>
    <p class="chips" id="try-url">Try
      <button type="button" data-query="">echo</button>
      <button type="button" data-query="?wait=1500">a late answer</button>
      <button type="button" data-query="?refuse=403">a refusal</button>
      <button type="button" data-query="?close=4001&amp;reason=bye&amp;after=1000">the server closes</button>
      <button type="button" data-query="#part">a URL that is wrong</button>
    </p>
  </section>

  <section class="card">
    <h2>Opening handshake</h2>
    <p class="note">The client asks to leave HTTP. <code>101 Switching Protocols</code> is the answer
      that agrees; any other status refuses.</p>
    <div id="handshake"><p class="empty">Connect to see what is asked, and what is agreed.</p></div>
  </section>

  <section class="card">
    <h2><code>send()</code></h2>
    <p class="note">A message is text or bytes, and arrives whole and in order. <code>send()</code>
      does not wait: what has not left yet is counted in <code>bufferedAmount</code>.</p>
    <form id="send">
      <fieldset class="modes">
        <legend class="hidden">What to send</legend>
        <label><input type="radio" name="mode" value="text" checked>Text</label>
        <label><input type="radio" name="mode" value="hex">Bytes</label>
        <label><input type="radio" name="mode" value="file">File</label>
        <label><input type="radio" name="mode" value="large">Large</label>
      </fieldset>
      <div class="row">
        <label data-mode="text" class="wide"><span class="hidden">Text</span>
          <input id="text" value="Hello, WebSocket ✓" autocomplete="off"></label>
        <label data-mode="hex" class="wide" hidden><span class="hidden">Bytes in hex</span>
          <input id="hex" value="de ad be ef 00 ff" spellcheck="false" autocomplete="off"></label>
        <label data-mode="file" class="wide" hidden><span class="hidden">File</span>
          <input id="file" type="file"></label>
        <label data-mode="large" class="wide" hidden><span class="hidden">Size</span>
          <select id="size">
            <option value="1024">1 KiB</option>
            <option value="65536">64 KiB</option>
            <option value="1048576">1 MiB</option>
            <option value="4194304">4 MiB</option>
            <option value="16777216" selected>16 MiB</option>
            <option value="67108864">64 MiB: 4 × 16</option>
          </select></label>
        <button class="main" id="send-button" disabled>Send</button>
      </div>
    </form>
    <div class="buffer">
      <p><code>bufferedAmount</code> <output id="buffered">0</output> <span id="drained"></span></p>
      <svg viewBox="0 0 300 48" preserveAspectRatio="none" role="img"
        aria-label="bufferedAmount over time"><path id="area"/><path id="graph"/></svg>
    </div>
  </section>

  <section class="card">
    <h2><code>close()</code></h2>
    <p class="note">Each side sends one Close frame. The code says why: a page may use 1000, or 3000
      to 4999; the reason takes up to 123 bytes.</p>
    <form id="close">
      <div class="row">
        <label class="code">Code
          <input id="code" value="1000" inputmode="numeric" autocomplete="off" placeholder="none"></label>
        <label class="wide">Reason <small id="reason-bytes">0 of 123 bytes</small>
          <input id="reason" autocomplete="off"></label>
        <button class="main" id="close-button" disabled>Close</button>
      </div>
    </form>
    <p class="chips" id="try-close">Try
      <button type="button" data-code="4001" data-reason="that was all" disabled>a code of your own</button>
      <button type="button" data-code="" data-reason="" disabled>no code</button>
      <button type="button" data-code="999" data-reason="" disabled>code 999</button>
      <button type="button" data-code="1000" data-long="124" disabled>a reason of 124 bytes</button>
    </p>
    <div id="closed" class="closed" hidden>
      <h3>What came back</h3>
      <dl>
        <dt>code</dt><dd><b id="closed-code"></b> <span id="closed-means"></span></dd>
        <dt>reason</dt><dd><b id="closed-reason"></b></dd>
        <dt>wasClean</dt><dd><b id="closed-clean"></b> <span id="clean-means"></span></dd>
      </dl>
    </div>
  </section>
</div>

<section class="card log">
  <div class="head"><h2>Events</h2><button type="button" id="clear" class="quiet">Clear</button></div>
  <p class="note"><code>open</code> comes first, then <code>message</code> for each message;
    <code>error</code> says no more than that it failed; <code>close</code> is the last of a connection, always.</p>
  <ol id="log" tabindex="0" role="log" aria-label="Events"></ol>
</section>
</main>
<noscript><p class="empty">This page needs JavaScript: it is what opens the socket.</p></noscript>
</body>
</html>
`;
