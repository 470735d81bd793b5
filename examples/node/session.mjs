// Who is logged in. Put your own sessions here: this one is a cookie that holds a JWT (HS256), whose
// `sub` is your id of the customer. Leaves out logging in; make-session.mjs makes a cookie for a try.

import { isSigned, sign } from "./hmac.mjs";

const SESSION = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)/;

/** Your id of the customer whose user is logged in; undefined when nobody is. */
export function customerOf(request, secret) {
  const [, header, claims, signature] = request.headers.cookie?.match(SESSION) ?? [];
  if (signature === undefined) return undefined;
  if (!isSigned(`${header}.${claims}`, signature, secret)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  return exp * 1000 > Date.now() ? sub : undefined;
}

/** A session that lasts so long. */
export function makeSession(originId, secret, seconds = 3600) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: originId, exp: Math.floor(Date.now() / 1000) + seconds };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign(signed, secret)}`;
}
