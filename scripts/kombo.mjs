// What Kombo knows of an integration, for an import that lacks it: asked with KOMBO_API_KEY, else not.

import { Stop } from "./project.mjs";

const API = "https://api.kombo.dev/v1";

/** The body of an assignment, with what it lacks as Kombo has it. Any other body is as it was. */
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
