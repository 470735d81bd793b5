// Who may speak to the console. It listens on this machine alone, but a web page from anywhere runs in a
// browser on this machine too, so each request must name the console itself: as the host, which a name
// that was pointed here (DNS rebinding) is not, and as the page that it comes from, which another site
// is not. Other programs on this machine are not kept out.

/** Why a request is refused, in words; undefined when it is not. */
export function refusalOf({ host, origin }, port) {
  const hosts = ["127.0.0.1", "localhost"].map((name) => `${name}:${port}`);
  if (!hosts.includes(host)) return "The console only answers at its own address.";
  // Browsers name the origin with whatever can change something; programs name none.
  if (origin !== undefined && origin !== `http://${host}`) {
    return "The console only answers its own page.";
  }
  return undefined;
}

/** What the page may do: run its own script, and speak to the console. Nothing comes from elsewhere. */
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
