// Gets what an import lacks about an integration from Kombo's API, if KOMBO_API_KEY is set.

import { forAll } from "./api.mjs";
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
      throw forAll(`Kombo could not be reached: ${error.cause?.code ?? error.message}`);
    },
  );
  if (response.status === 401)
    throw forAll("Kombo rejects KOMBO_API_KEY. Use a key of the same environment, or unset it.");
  const answer = await response.json().catch(() => undefined);
  if (!response.ok || !answer?.data)
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
