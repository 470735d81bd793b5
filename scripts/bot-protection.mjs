// How to recognize that Cloudflare's bot protection answered in place of the Worker, and what to do then.

/** Whether a response is a challenge or a block. The Worker itself never answers 403. */
export const isBlocked = ({ status, headers }) => status === 403 || headers.has("cf-mitigated");

/** What such a response says about a request to this place. */
export function blockedBy({ status, headers }) {
  const mitigated = headers.get("cf-mitigated");
  return `${status}${mitigated === null ? "" : `, cf-mitigated: ${mitigated}`}`;
}

export const BLOCKED_REMEDY = `Kombo can't pass a challenge, so its events are lost. In Cloudflare's dashboard, Security > Events shows
which rule it was. Turn Bot Fight Mode off for the domain, or add a WAF custom rule with the action Skip for
/webhooks/kombo; or use the workers.dev address. See "No events arrive" in docs/operations.md.`;
