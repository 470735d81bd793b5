// HMAC-SHA256 in base64url, as Kombo signs its events and this example its sessions. Leaves out
// signing: a Worker that only receives needs none.

/** Whether a signature is that of the data. Compares in constant time. */
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

/** The bytes that a text stands for; undefined when it is no base64url. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
