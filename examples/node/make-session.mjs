// Prints a session cookie for testing: `node --env-file=.env make-session.mjs <your id for a customer>`.
// Not part of the service.

import { makeSession } from "./session.mjs";
import { settings } from "./settings.mjs";

console.log(makeSession(process.argv[2], settings("SESSION_SECRET").SESSION_SECRET));
