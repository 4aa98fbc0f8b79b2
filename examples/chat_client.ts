// Says one thing in the chat room, and listens until the server closes: runs wherever the server
// does, and in a page if the last two lines are left out.

import { connect } from "@isosocket/isosocket";
import process from "node:process";

export function say(url: string, what: string): Promise<string> {
  const socket = connect(url, { protocols: ["chat.v1"] });
  socket.onopen = () => socket.send(what);
  socket.onmessage = (event) => console.log(event.data);
  socket.onerror = (event) => console.log(`error: ${event.message}`);
  return new Promise((resolve) => {
    socket.onclose = ({ code, reason }) => resolve(`closed: ${code} ${reason}`);
  });
}

const [url = "ws://127.0.0.1:8081/room?name=someone", what = "hello"] = process.argv.slice(2);
console.log(await say(url, what));
