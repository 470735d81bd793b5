// Prints a session cookie for testing: `node --env-file=.dev.vars session.mjs <your id for a customer>`.
// Not part of the Worker.

import { createHmac } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const claims = { sub: process.argv[2], exp: Math.floor(Date.now() / 1000) + 3600 };
const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
const signature = createHmac("sha256", process.env.SESSION_SECRET).update(signed);
console.log(`${signed}.${signature.digest("base64url")}`);
