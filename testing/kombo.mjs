// The Kombo of a test: signs events and delivers them, each once, and waits until the Worker has done what
// it does within moments. It answers no requests of a backend to Kombo's API.

import { bodyOf, freshId, integrationIdOf, makeEvent } from "../dev/kombo.mjs";
import { sign, SIGNATURE_HEADER } from "../dev/kombo.mjs";

const PATH = "/webhooks/kombo";

// The Worker writes a key, and posts a message, at most once a second. After this much time of its clock,
// everything is written and posted, so that a test does not have to wait.
const MOMENT_MS = 2_000;

/** Kombo for a testbed. `secret` is the webhook's. See index.d.ts for what each method does. */
export function komboOf(testbed, secret) {
  /** What Kombo knows of each integration that was connected. */
  const integrations = new Map();

  async function send(event) {
    const body = bodyOf(event);
    const headers = signed(body);
    const response = await testbed.edge().fetch(PATH, { method: "POST", headers, body });
    const answer = await response.text();
    if (response.status !== 200)
      throw new Error(`kombo-edge answered ${response.status}: ${answer}`);
    await testbed.passTime(MOMENT_MS);
    return JSON.parse(answer).outcome;
  }

  const signed = (body) => ({
    "content-type": "application/json",
    [SIGNATURE_HEADER]: sign(body, secret),
  });

  function known(integrationId) {
    const integration = integrations.get(integrationId);
    if (integration) return { ...integration, integrationId };
    throw new Error(
      `Kombo knows no integration "${integrationId}": let a customer connect it first.`,
    );
  }

  /** A customer's tool, as the changes of an event. */
  const about = (originId, tool, { category = "HRIS", ...details } = {}) => ({
    organization: `Customer ${originId}`,
    ...details,
    originId,
    tool,
    category,
  });

  return {
    sign: (body) => sign(body, secret),
    event: (name, changes) => makeEvent(name, { id: freshId(), ...changes }),
    send,

    async connects(originId, tool, details) {
      const integration = about(originId, tool, details);
      const { integrationId = integrationIdOf(integration) } = integration;
      integrations.set(integrationId, integration);
      await send(makeEvent("integration-created", { ...integration, integrationId }));
      return integrationId;
    },

    async failsToConnect(originId, tool, details) {
      await send(makeEvent("connection-flow-failed", about(originId, tool, details)));
    },

    async reports(integrationId, { state = "ACTIVE", setupStatus = "COMPLETED", qaStatus } = {}) {
      const at = new Date(testbed.now()).toISOString();
      const changes = { ...known(integrationId), state, setupStatus, at };
      const event = makeEvent("integration-state-changed", changes);
      if (qaStatus !== undefined) event.data.qa_status = qaStatus;
      await send(event);
    },

    async deletes(integrationId) {
      await send(makeEvent("integration-deleted", known(integrationId)));
      integrations.delete(integrationId);
    },

    dataChanged(integrationId) {
      const body = bodyOf(makeEvent("data-changed", { integrationId }));
      return { method: "POST", headers: signed(body), body };
    },
  };
}
