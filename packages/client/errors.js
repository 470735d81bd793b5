// What can go wrong when kombo-edge is read, by what the caller can do about it. A missing customer or
// integration is not an error.

/** Any error of this package. */
export class KomboEdgeError extends Error {
  /** `code`: kombo-edge's name for the problem, such as `no-reply`; null if it gave none. */
  constructor(message, { code = null, ...options } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** There was no answer, or none in time. Trying again can help. */
export class UnavailableError extends KomboEdgeError {}

/** The token or the service binding does not give access. */
export class AccessError extends KomboEdgeError {}

/** kombo-edge rejects the request: an invalid id, or a URL or an entrypoint that is not its own. */
export class RequestError extends KomboEdgeError {}

// Names that survive a minifier.
for (const [name, type] of Object.entries({
  KomboEdgeError,
  UnavailableError,
  AccessError,
  RequestError,
})) {
  Object.defineProperty(type.prototype, "name", { value: name });
}

/** The names of the problems that are about access. */
const ABOUT_ACCESS = new Set(["token", "no-access", "api-disabled"]);
/** The names of the problems that the next attempt may not have. */
const TEMPORARY = new Set(["no-reply", "not-configured"]);

const PROBLEM_TYPE = /urn:kombo-edge:problem:([a-z-]+)/;

/** kombo-edge's name for a problem in a text; null if it has none. */
export const problemIn = (text) => PROBLEM_TYPE.exec(text)?.[1] ?? null;

/** The error for a problem that kombo-edge named. */
export function errorOf(code, message, options) {
  if (ABOUT_ACCESS.has(code)) return new AccessError(message, { ...options, code });
  if (TEMPORARY.has(code)) return new UnavailableError(message, { ...options, code });
  return new RequestError(message, { ...options, code });
}
