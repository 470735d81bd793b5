// A stand-in for Cloudflare's REST API: lists the objects that the local runtime has stored in a folder.
// It checks the token, but no permissions, and has no other routes.

import { once } from "node:events";
import { createServer } from "node:http";
import { storedObjects } from "./worker.mjs";

const CLASSES = ["Integration", "Customer", "Notifier"];
// Small, so that a few objects already fill several pages.
const PAGE_SIZE = 2;

/**
 * Starts the stand-in. `persist` is the folder given to startWorker, `token` the token that it accepts,
 * and `worker` the name of the Worker.
 */
export async function startCloudflare({ persist, token, worker = "kombo-edge" }) {
  const namespaces = CLASSES.map((name) => ({ id: `ns-${name}`, class: name, script: worker }));

  const server = createServer((request, response) => {
    const answer = (status, body) =>
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ success: status === 200, errors: [], messages: [], ...body }));
    if (request.headers.authorization !== `Bearer ${token}`)
      return answer(403, { errors: [{ code: 10000, message: "Authentication error" }] });
    const url = new URL(request.url, "http://api");
    const [, namespace] = url.pathname.match(/namespaces\/([^/]+)\/objects$/) ?? [];
    if (namespace === undefined) return answer(200, { result: namespaces });
    const { class: name } = namespaces.find(({ id }) => id === namespace);
    const ids = storedObjects(persist, name, worker);
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const page = ids.slice(from, from + PAGE_SIZE);
    const more = from + PAGE_SIZE < ids.length;
    answer(200, {
      result: page.map((id) => ({ id, hasStoredData: true })),
      result_info: { count: page.length, cursor: more ? String(from + PAGE_SIZE) : "" },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
