/** Many connections at once, of which each must get its own bytes and its topic's, and no others. @module */

import { LetterClient } from "./letter_client.ts";
import { Random } from "./random.ts";
import { attacked, type Subject } from "./subject.ts";
import { figure, mebibytes, type Scenario, type Trial } from "./trial.ts";

/** Number of concurrent connections. */
const CONNECTIONS = 240;
/** Number of connections of a topic. */
const TOPIC = 6;

async function exchanged(trial: Trial, subject: Subject): Promise<void> {
  const { seed } = trial;
  const end = performance.now() + trial.time(240, 12);
  const wrong: string[] = [];
  let begun = 0, received = 0, bytes = 0;
  const goOn = async (_: unknown, place: number): Promise<void> => {
    while (performance.now() < end && subject.ended === undefined && wrong.length < 20) {
      const number = begun++;
      if (number % 100 === 0) trial.progress(`${figure(number)} connections, seed ${seed}`);
      const isSecure = place % 3 === 2;
      const port = subject.ports[isSecure ? "secure" : "plain"]!;
      const topic = `/${isSecure ? "secure" : "plain"}/${Math.floor(place / TOPIC)}`;
      const client = new LetterClient({ port, isSecure }, number, topic, new Random(seed, number));
      await client.run(end);
      received += client.received;
      bytes += client.bytes;
      if (client.wrong !== undefined) wrong.push(client.wrong);
    }
  };
  await Promise.all(Array.from({ length: trial.count(CONNECTIONS) }, goOn));
  const first = wrong.slice(0, 3).map((it) => `; ${it}`).join("");
  trial.found(
    "foreign bytes",
    "each connection gets its own bytes and its topic's, in order, and no others",
    `${figure(received)} frames, ${mebibytes(bytes)} to ${figure(begun)} connections, ` +
      `seed ${seed}; ${wrong.length} wrong${first}`,
    wrong.length === 0 && received > 0,
  );
}

export const foreignBytes: Scenario = {
  about: "messages of all sizes over TCP and TLS at once: no connection gets another's bytes",
  connections: CONNECTIONS,

  run: (trial) =>
    attacked(
      trial,
      {
        file: "letters.ts",
        // The engine of our own, whose memory all connections share.
        options: {
          ...(!trial.runtime.startsWith("node") && { engine: "tcp" }),
          maxBuffered: 256 * 1024 * 1024,
          closeTimeout: 5000,
        },
      },
      (subject) => exchanged(trial, subject),
    ),
};
