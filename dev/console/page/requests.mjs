// Requests from the page to the console, with JSON in both directions. Paths under /v1 are those of the
// Worker's API.

/** Sends a request and returns the response. Rejects with an error message for the user. */
export async function request(path, { method = "POST", json } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: json === undefined ? {} : { "content-type": "application/json" },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  } catch {
    throw new Error(`The console does not respond. Is \`${START_COMMAND}\` running?`);
  }
  const value = parsed(await response.text());
  if (!response.ok)
    throw new Error(value?.detail ?? `The request failed with status ${response.status}.`);
  return value;
}

/** The value of a text in JSON; undefined if it is not JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
