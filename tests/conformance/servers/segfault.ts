// A server that ends with SIGSEGV on a ping of 126 bytes, as one in C would. Argument: the port.
import process from "node:process";
import { PlantedServer } from "../planted_server.ts";

const server = new PlantedServer({
  faults: () => ({
    ignores: ["control-size"],
    received: (frame) => {
      const isLong = frame.opcode === 0x9 && frame.payload.length > 125;
      for (let i = 0; isLong && i < 2; i++) process.kill(process.pid, "SIGSEGV"); // Rust's handler takes one
      return frame;
    },
  }),
}, Number(process.argv[2]));
await server.restart();
