/** All scenarios. @module */

import { clientBombs } from "./client_bombs.ts";
import { deflateBombs } from "./deflate_bombs.ts";
import { emptyMessages } from "./empty_messages.ts";
import { foreignBytes } from "./foreign_bytes.ts";
import { fragments } from "./fragments.ts";
import { fuzz } from "./fuzz.ts";
import { http } from "./http.ts";
import { idleAndBusy } from "./idle_and_busy.ts";
import { killedClients } from "./killed_clients.ts";
import { pingFloods } from "./ping_floods.ts";
import { pulledCable } from "./pulled_cable.ts";
import { refusals } from "./refusals.ts";
import { resetStorms } from "./reset_storms.ts";
import { slowHandshakes } from "./slow_handshakes.ts";
import { slowReaders } from "./slow_readers.ts";
import { throwingListeners } from "./throwing_listeners.ts";
import type { Scenario } from "./trial.ts";

/** Scenarios, by the names that `--only` accepts. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  "idle": idleAndBusy,
  "slow-readers": slowReaders,
  "slow-handshakes": slowHandshakes,
  "pings": pingFloods,
  "bombs": deflateBombs,
  "client-bombs": clientBombs,
  "empty": emptyMessages,
  "fragments": fragments,
  "refusals": refusals,
  "resets": resetStorms,
  "throwing": throwingListeners,
  "killed": killedClients,
  "cable": pulledCable,
  "foreign": foreignBytes,
  "fuzz": fuzz,
  "http": http,
};
