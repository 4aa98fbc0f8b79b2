/** The promises of topics over a broker, as rules. @module */

import { accounts } from "./accounts.ts";
import type { BrokerRule } from "./broker_rule.ts";
import { delivery } from "./delivery.ts";
import { faults } from "./faults.ts";
import { histories } from "./history.ts";
import { historyFaults } from "./history_faults.ts";
import { scale } from "./scale.ts";

export {
  appliesTo,
  type BrokerEngine,
  type BrokerFault,
  type BrokerHarness,
  type BrokerRule,
  type BrokerServer,
  type BrokerSubscriber,
  type RecoveringSubscriber,
} from "./broker_rule.ts";

/** All rules of topics over a broker, by the promise that each tries. */
export const brokerRules: Readonly<Record<string, BrokerRule>> = {
  ...delivery,
  ...accounts,
  ...scale,
  ...faults,
  ...histories,
  ...historyFaults,
};
