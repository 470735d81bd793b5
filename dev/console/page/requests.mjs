// How the page asks the console for something: JSON there and back. Paths under /v1 are those of the
// Worker's API.

/** What is answered; rejects with an Error in words when it is refused. */
export async function ask(path, { method = "POST", json } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: json === undefined ? {} : { "content-type": "application/json" },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  } catch {
    throw new Error("The console does not answer. Is `npm start` running?");
  }
  const text = await response.text();
  const value = text === "" ? undefined : JSON.parse(text);
  if (!response.ok)
    throw new Error(value?.detail ?? `The request failed with status ${response.status}.`);
  return value;
}
