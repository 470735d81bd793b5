// A stand-in for Kombo's API: an HTTP server that records requests, and returns two employees for any
// integration, in the format of Kombo. It has no other paths, and accepts any key and any integration id.
// `node dev/kombo-api.mjs` runs it for trying out examples/.

import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const DEFAULT_PORT = 8789;

const EMPLOYEES = [
  { id: "7Qm2sVxKd9RfTzLw4HbNcYp3", remote_id: "1", first_name: "Astrid", last_name: "Lindqvist" },
  { id: "Bt8kWn5XhZq3MvRc6LsDgJ2f", remote_id: "2", first_name: "Jonas", last_name: null },
];

/**
 * Starts the stand-in on 127.0.0.1. `refuse` gets a recorded call and returns the code of an error to
 * respond with, null to cut the connection, or undefined.
 */
export async function startKomboApi({
  port = 0,
  onCall = () => {},
  refuse = () => undefined,
} = {}) {
  const calls = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://kombo");
    const { authorization, "x-integration-id": integrationId } = request.headers;
    const cursor = searchParams.get("cursor");
    const call = { method: request.method, path: pathname, authorization, integrationId, cursor };
    calls.push(call);
    onCall(call);
    const errorCode = refuse(call);
    if (errorCode === null) return response.destroy();
    const [status, body] = answer(call, errorCode);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    /** The URL of the API for a backend. */
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** All calls, oldest first: `{ method, path, authorization, integrationId, cursor }`. */
    calls,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function answer({ method, path, authorization, integrationId, cursor }, errorCode) {
  if (!authorization?.startsWith("Bearer ")) return error(401, "PLATFORM.AUTHENTICATION_INVALID");
  if (method !== "GET" || path !== "/v1/hris/employees") return error(404, "PLATFORM.NOT_FOUND");
  if (!integrationId) return error(400, "PLATFORM.INPUT_INVALID");
  if (errorCode !== undefined) return error(400, errorCode);
  // Two pages of one employee each.
  const [first, second] = EMPLOYEES;
  const page =
    cursor === null ? { results: [first], next: "2" } : { results: [second], next: null };
  return [200, { status: "success", data: page }];
}

const error = (status, code) => [
  status,
  { status: "error", error: { code, title: null, message: "This is a stand-in.", log_url: null } },
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const show = ({ method, path, integrationId }) =>
    console.log(`${method} ${path}  X-Integration-Id: ${integrationId ?? "missing"}`);
  const { url } = await startKomboApi({ port: DEFAULT_PORT, onCall: show });
  console.log(`A stand-in for Kombo's API: ${url}`);
}
