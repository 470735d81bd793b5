// Makes the documents in Workers KV as described in contract/kombo-edge.d.ts.

import type {
  CustomerDocument,
  CustomerSummary,
  HeldIntegration,
  IntegrationDocument,
} from "../../../contract/kombo-edge.d.ts";
import { iso } from "./time.ts";

export type {
  CustomerDocument,
  HeldIntegration,
  IncidentDocument,
} from "../../../contract/kombo-edge.d.ts";
export type { IntegrationDocument, QuarantineDocument } from "../../../contract/kombo-edge.d.ts";
export type { UnassignedDocument } from "../../../contract/kombo-edge.d.ts";

export const ENVIRONMENT = "production";
/** The fields that every document begins with. */
export const HEAD = { schema: 1, environment: ENVIRONMENT } as const;

const SUMMARY_NAME_LENGTH = 60;

export const isUsable = ({
  state,
  setup_status,
}: Pick<HeldIntegration, "state" | "setup_status">) =>
  (state === null || state === "ACTIVE") && (setup_status === null || setup_status === "COMPLETED");

interface Holder {
  originId: string;
  organization: string | null;
  revision: number;
}

/** The document of a customer; undefined if it holds nothing. */
export function customerDocument(
  { originId, organization, revision }: Holder,
  held: HeldIntegration[],
  now: number,
): CustomerDocument | undefined {
  const order = (it: HeldIntegration) => `${it.connected_at} ${it.id}`;
  const integrations = held.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
  if (integrations.length === 0) return undefined;
  return {
    ...HEAD,
    origin_id: originId,
    organization_name: organization,
    integrations,
    current: currentOf(integrations),
    revision,
    updated_at: iso(now),
  };
}

/** For each category the usable integration connected last, otherwise the one connected last. */
function currentOf(ordered: HeldIntegration[]): Record<string, string> {
  const all = ordered.filter(({ category }) => category !== null);
  const best = [...all.filter((it) => !it.usable), ...all.filter((it) => it.usable)];
  return Object.fromEntries(best.map(({ category, id }) => [category, id]));
}

export const customerSummary = (document: CustomerDocument): CustomerSummary => ({
  schema: 1,
  organization_name: document.organization_name?.slice(0, SUMMARY_NAME_LENGTH) ?? null,
  integrations: document.integrations.map(({ tool, category, state }) => ({
    tool,
    category,
    state,
  })),
  integrations_total: document.integrations.length,
  revision: document.revision,
  updated_at: document.updated_at,
});

export const integrationDocument = (
  held: HeldIntegration,
  originId: string | null,
  revision: number,
  now: number,
): IntegrationDocument => ({
  ...HEAD,
  integration_id: held.id,
  origin_id: originId,
  tool: held.tool,
  category: held.category,
  state: held.state,
  usable: held.usable,
  revision,
  updated_at: iso(now),
});
