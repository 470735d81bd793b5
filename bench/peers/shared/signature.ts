// Checks whether a body is signed with one of the secrets: HMAC-SHA256 over the raw bytes, in base64url.
// `crypto.subtle.verify` compares in constant time. The isolate caches the imported keys.

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
const BASE64URL = /^[\w-]{43}=?$/;

const encoder = new TextEncoder();
const keys = new Map<string, Promise<CryptoKey>>();

export async function isSigned(body: ArrayBuffer, signature: string, secrets: string) {
  const given = decoded(signature);
  if (!given) return false;
  for (const secret of secrets.split(/\s+/).filter(Boolean)) {
    if (await crypto.subtle.verify(ALGORITHM, await keyOf(secret), given, body)) return true;
  }
  return false;
}

function keyOf(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known) return known;
  const key = crypto.subtle.importKey("raw", encoder.encode(secret), ALGORITHM, false, ["verify"]);
  keys.set(secret, key);
  return key;
}

function decoded(signature: string): Uint8Array | undefined {
  if (!BASE64URL.test(signature)) return undefined;
  const base64 = signature.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
