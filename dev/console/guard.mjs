// Who may access the console. It only listens on this machine, but so does a browser with web pages from
// anywhere. So each request must name the console as its host, which prevents DNS rebinding, and as its
// origin, which excludes other sites. Other programs on this machine are not kept out.

/** The reason to reject a request; undefined if it is allowed. */
export function rejectionOf({ host, origin }, port) {
  const hosts = ["127.0.0.1", "localhost"].map((name) => `${name}:${port}`);
  if (!hosts.includes(host)) return "The console only answers at its own address.";
  // Browsers send the origin with every request that can change something. Programs send none.
  if (origin !== undefined && origin !== `http://${host}`) {
    return "The console only answers its own page.";
  }
  return undefined;
}

/** The page may only run its own script and access the console. It loads nothing from elsewhere. */
export const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
