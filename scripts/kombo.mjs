// Gets what an import lacks about an integration from Kombo's API, if KOMBO_API_KEY is set.

import { Stop } from "./project.mjs";

const API = "https://api.kombo.dev/v1";

/** The body of an assignment, completed with Kombo's values. Any other body is returned unchanged. */
export async function completed(body, path) {
  const key = process.env.KOMBO_API_KEY;
  const [, id] = path.match(/^\/v1\/integrations\/([^/]+)\/customer$/) ?? [];
  if (!key || id === undefined) return body;
  const url = `${process.env.KOMBO_API_URL ?? API}/integrations/${id}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } }).catch(
    (error) => {
      throw new Stop(`Kombo could not be reached: ${error.cause?.code ?? error.message}`);
    },
  );
  const answer = await response.json().catch(() => undefined);
  if (!response.ok)
    throw new Stop(`Kombo answered ${response.status}: ${answer?.error?.message ?? ""}`);
  const { tool, category, end_user, created_at } = answer.data;
  return {
    tool: tool?.id,
    category,
    organization_name: end_user?.organization_name ?? undefined,
    connected_at: created_at,
    ...body,
  };
}
