// Sends a delivery over each of a thousand connections at once, several times.

import { seededRandom } from "../../dev/seeded-random.mjs";
import { figures, newTimes, Sender } from "./sender.mjs";
import { Traffic } from "./traffic.mjs";
import { SECRET } from "./worker.mjs";

const CONNECTIONS = 1_000;
const ROUNDS = 5;

export async function burst({ edge }, { onRound }) {
  // Enough customers at once that most deliveries are of the normal mix.
  const setting = { customers: 100, seconds: ROUNDS, random: seededRandom(2), secret: SECRET };
  const traffic = new Traffic(setting);
  const times = newTimes();
  const sender = new Sender(edge.url.origin, CONNECTIONS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const deliveries = Array.from({ length: CONNECTIONS }, () => traffic.next(round + 1));
    await Promise.all(deliveries.map((delivery) => sender.send(delivery, times)));
    onRound();
  }
  await sender.close();
  return { connections: CONNECTIONS, rounds: ROUNDS, errors: sender.errors, ...figures(times) };
}

export const BURST_ROUNDS = ROUNDS;
