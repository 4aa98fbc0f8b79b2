/** Process that connects on request, and answers with the end of the connection. @module */

import process from "node:process";
import { connect } from "../../../mod.ts";
import { answerQuestions } from "../../processes/answering.ts";
import { cost } from "../../processes/cost.ts";

/** End of a connection. */
export interface BombedEnd {
  /** Close code. */
  readonly code: number;
  /** Message of the error. */
  readonly error: string;
  /** Number of received messages. */
  readonly messages: number;
}

const { engine } = JSON.parse(process.argv[2]!);

function end(url: string): Promise<BombedEnd> {
  return new Promise((resolve) => {
    const socket = connect(url, { engine });
    let error = "";
    let messages = 0;
    socket.onmessage = () => messages++;
    socket.onerror = (event) => error = String(event.error);
    socket.onclose = ({ code }) => resolve({ code, error, messages });
  });
}

answerQuestions({ ready: true }, (question) => {
  return typeof question.connect === "string" ? end(question.connect) : cost(true);
});
