// Measures how much memory the local runtime uses for each object with an alarm, with a Worker whose
// objects do nothing else. Cloudflare keeps alarms elsewhere.

import { linearRegression } from "simple-statistics";
import { memoryOf } from "./process.mjs";
import { figures, newTimes, Sender } from "./sender.mjs";

export const ALARM_SECONDS = 180;
const PER_SECOND = 75;
const CONNECTIONS = 50;
const SAMPLE_MS = 1_000;

const contents = `
  import { DurableObject } from "cloudflare:workers";
  class Waiting extends DurableObject {
    wait() {
      this.ctx.storage.sql.exec("CREATE TABLE row (text)");
      this.ctx.storage.sql.exec("INSERT INTO row VALUES (?)", "x".repeat(500));
      this.ctx.storage.setAlarm(Date.now() + 86_400_000);
    }
    alarm() {}
  }
  export class Integration extends Waiting {}
  export class Customer extends Waiting {}
  export class Notifier extends Waiting {}
  export default {
    async fetch(request, { CUSTOMERS }) {
      await request.text();
      await CUSTOMERS.get(CUSTOMERS.newUniqueId()).wait();
      return Response.json({ outcome: "accepted" });
    },
  };
`;
export const WAITING = [{ type: "ESModule", path: "/index.js", contents }];

/**
 * Creates objects at a constant rate. `onSecond` is called about once a second with the elapsed seconds.
 */
export async function alarms({ edge }, { onSecond }) {
  const sender = new Sender(edge.url.origin, CONNECTIONS);
  const times = newTimes();
  let objects = 0;
  const done = () => (objects += 1);
  const delivery = { body: "", signature: "", outcome: "accepted", done };
  const samples = [];
  const began = performance.now();
  const timer = setInterval(() => {
    samples.push([objects, memoryOf(edge.pid)]);
    onSecond(Math.floor((performance.now() - began) / 1_000));
  }, SAMPLE_MS);
  try {
    await sender.sendAtRate(
      { perSecond: PER_SECOND, seconds: ALARM_SECONDS },
      () => delivery,
      () => times,
    );
  } finally {
    clearInterval(timer);
  }
  await sender.close();
  // In the first half the memory of the runtime itself still grows.
  const half = samples.slice(Math.floor(samples.length / 2));
  const kib = linearRegression(half).m * 1_024;
  return { objects, kib, errors: sender.errors, ...figures(times) };
}
