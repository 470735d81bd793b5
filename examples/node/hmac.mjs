// HMAC-SHA256 in base64url, as Kombo signs its events and this example its sessions.

import { createHmac, timingSafeEqual } from "node:crypto";

export const sign = (data, secret) => createHmac("sha256", secret).update(data).digest("base64url");

/** Whether a signature matches the data. Compares in constant time. */
export function isSigned(data, signature, secret) {
  const expected = Buffer.from(sign(data, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
