// The short handles under which Slack shows integrations, as the Worker makes them (src/domain/id.rs).

import { createHash } from "node:crypto";

/** The handle of an integration. */
export const handleOf = (id) =>
  handleIn(createHash("sha256").update(id, "utf8").digest("base64url"));

/** The same, from the hash of its id. */
export const handleIn = (hash) => hash.replace(/[^A-Za-z0-9]/g, "").slice(0, 8);
