// A server that echoes, on libsoup 3 (by gjs).
imports.gi.versions.Soup = "3.0";
const { GLib, Soup } = imports.gi;

const server = new Soup.Server();
const sockets = new Set();
server.add_websocket_handler("/", null, null, (_server, _message, _path, socket) => {
  sockets.add(socket); // else it is collected
  socket.max_incoming_payload_size = 64 * 1024 * 1024;
  socket.connect("message", (_socket, type, bytes) => socket.send_message(type, bytes));
  socket.connect("closed", () => sockets.delete(socket));
});
server.listen_local(Number(ARGV[0]), Soup.ServerListenOptions.IPV4_ONLY);
new GLib.MainLoop(null, false).run();
