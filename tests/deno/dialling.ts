// Connects to an address by an engine, and prints `open`, or the name of the error's cause.
import { connect } from "@isosocket/isosocket";
import process from "node:process";

const [url, engine] = process.argv.slice(2);
const socket = connect(url!, engine === undefined ? {} : { engine: engine as "native" | "tcp" });
socket.onopen = () => console.log("open");
socket.onerror = ({ error }) => console.log(((error as Error).cause as Error).name);
socket.onclose = () => process.exit();
