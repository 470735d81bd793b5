// Who is logged in. Replace this by your own sessions. Here a session is a cookie with a JWT (HS256)
// whose `sub` is your id for the customer. There is no login; make-session.mjs makes a cookie for
// testing.

import { isSigned, sign } from "./hmac.mjs";

const SESSION = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)/;

/** Your id for the customer of the logged-in user; undefined if no one is logged in. */
export function customerOf(request, secret) {
  const [, header, claims, signature] = request.headers.cookie?.match(SESSION) ?? [];
  if (signature === undefined) return undefined;
  if (!isSigned(`${header}.${claims}`, signature, secret)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  return exp * 1000 > Date.now() ? sub : undefined;
}

/** A session that expires after this number of seconds. */
export function makeSession(originId, secret, seconds = 3600) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: originId, exp: Math.floor(Date.now() / 1000) + seconds };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign(signed, secret)}`;
}
