// Has V8 collect its garbage from time to time. On Cloudflare an isolate has 128 MiB and so collects
// early; the local runtime sets no limit, and lets garbage lie for minutes. What memory does beyond that is
// what a load run asks for.

import { once } from "node:events";
import { WebSocket } from "undici";

const EVERY_MS = 5_000;

/** Begins; `stop` ends it. */
export async function collectGarbage(edge) {
  const socket = new WebSocket(await edge.inspector());
  await once(socket, "open");
  let id = 0;
  const collect = () =>
    socket.send(JSON.stringify({ id: (id += 1), method: "HeapProfiler.collectGarbage" }));
  collect();
  const timer = setInterval(collect, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
}
