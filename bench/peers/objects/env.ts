// The bindings of this peer, and the messages between its objects.

import type { Alert } from "../shared/alert.ts";
import type { HeldIntegration } from "../shared/mapping.ts";
import type { Settings } from "../shared/webhook.ts";
import type { Customer } from "./customer.ts";
import type { Integration } from "./integration.ts";
import type { Notifier } from "./notifier.ts";

export interface Env extends Settings {
  MAPPINGS: KVNamespace;
  INTEGRATIONS: DurableObjectNamespace<Integration>;
  CUSTOMERS: DurableObjectNamespace<Customer>;
  NOTIFIER: DurableObjectNamespace<Notifier>;
}

/** What a customer's object represents: a customer by your id, otherwise an organization by its name. */
export interface Address {
  kind: "customer" | "organization" | "environment";
  id: string;
}

export function addressOf(originId: string | null, organization: string | null): Address {
  if (originId !== null) return { kind: "customer", id: originId };
  if (organization !== null) return { kind: "organization", id: organization };
  return { kind: "environment", id: "environment" };
}

export const nameOf = ({ kind, id }: Address) => `${kind}/${id}`;

/** Whether the customer holds this integration. The highest version counts. */
export interface Letter {
  version: number;
  gone: boolean;
  held: HeldIntegration;
  organization: string | null;
  contact: string | null;
  /** Why it does not work; empty while it does. */
  causes: string[];
  at: number;
}

/** What an object does outside of itself, which may have to be retried. */
export type Effect =
  | { do: "write"; key: string; value: unknown; metadata?: unknown }
  | { do: "delete"; key: string }
  | { do: "tell"; address: Address; letter: Letter }
  | { do: "alert"; alert: Alert }
  | { do: "look"; incident: string };
