// Who is logged in. Put your own sessions here: this one is a cookie that holds a JWT (HS256), whose
// `sub` is your id of the customer. Leaves out logging in; session.mjs makes a cookie for a try.

import { fromBase64url, isSigned } from "./hmac";

const SESSION = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)/;

/** Your id of the customer whose user is logged in; undefined when nobody is. */
export async function customerOf(request: Request, secret: string): Promise<string | undefined> {
  const [, header, claims, signature] = request.headers.get("cookie")?.match(SESSION) ?? [];
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  if (!(await isSigned(signed, signature, secret))) return undefined;
  const { sub, exp } = JSON.parse(new TextDecoder().decode(fromBase64url(claims)));
  return exp * 1000 > Date.now() ? sub : undefined;
}
