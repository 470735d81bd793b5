// Who is logged in. Replace this by your own sessions. Here a session is a cookie with a JWT (HS256)
// whose `sub` is your id for the customer. There is no login; session.mjs makes a cookie for testing.

import { fromBase64url, isSigned } from "./hmac";

const SESSION = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)/;

/** Your id for the customer of the logged-in user; undefined if no one is logged in. */
export async function customerOf(request: Request, secret: string): Promise<string | undefined> {
  const [, header, claims, signature] = request.headers.get("cookie")?.match(SESSION) ?? [];
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  if (!(await isSigned(signed, signature, secret))) return undefined;
  const { sub, exp } = JSON.parse(new TextDecoder().decode(fromBase64url(claims)));
  return exp * 1000 > Date.now() ? sub : undefined;
}
