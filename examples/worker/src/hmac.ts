// HMAC-SHA256 in base64url, for Kombo's events and this example's sessions. There is no signing, since
// this Worker only verifies.

/** Whether a signature matches the data. Compares in constant time. */
export async function isSigned(
  data: BufferSource,
  signature: string,
  secret: string,
): Promise<boolean> {
  const bytes = fromBase64url(signature);
  if (bytes === undefined) return false;
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  return crypto.subtle.verify("HMAC", key, bytes, data);
}

/** The bytes of a text in base64url; undefined if it is not valid. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
