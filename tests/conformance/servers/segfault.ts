// A server that ends with SIGSEGV on a ping of 126 bytes, as one in C would. Argument: the port.
import process from "node:process";
import { PlantedServer } from "../planted_server.ts";

const server = new PlantedServer({
  faults: () => ({
    ignores: ["control-size"],
    received: (frame) => {
      const isLong = frame.opcode === 0x9 && frame.payload.length > 125;
      if (isLong) process.kill(process.pid, "SIGSEGV");
      return frame;
    },
  }),
}, Number(process.argv[2]));
await server.restart();
