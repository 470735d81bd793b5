// The page of the console as a person uses it, for tests and pictures: what is on it, by the names that
// a reader sees, and the few things that are done again and again. `page` is Playwright's.

export const body = (page) => page.getByLabel(/^Event /);
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const panel = (page, name) => page.getByRole("region", { name, exact: true });
export const mood = (page, name) => page.getByRole("radio", { name, exact: true });

/** The messages in the channel that say something. */
export const posted = (page, wording) =>
  panel(page, "Slack").getByRole("listitem").filter({ hasText: wording });

/** The entries of a part of the backend's panel that say something. */
export const listed = (page, part, wording) =>
  panel(page, part).getByRole("listitem").filter({ hasText: wording });

/** Opens the console, and waits until an event can be sent. */
export async function visit(page, url) {
  await page.goto(url);
  await saying(page, '"id"');
}

/** Resolves once the event on the page holds a text. */
const saying = (page, text) =>
  page.waitForFunction(
    (wanted) => globalThis.document.getElementById("body")?.value.includes(wanted),
    text,
  );

/** Chooses an event by its title, and waits until it can be sent. */
export async function choose(page, title, type) {
  await button(page, title).click();
  await saying(page, `"type": "${type}"`);
}

/** Fills in a field, and waits until the event says it. */
export async function fill(page, label, text) {
  await page.getByLabel(label, { exact: true }).fill(text);
  await saying(page, JSON.stringify(text));
}

/** Fills in the next customer, who is known by this id. */
export async function ofAnother(page, originId) {
  await button(page, "Another customer").click();
  await saying(page, `"origin_id": "${originId}"`);
}

/** Sends the event, waits until the next one is there, and gives back what the Worker answered. */
export async function send(page) {
  const sent = await body(page).inputValue();
  await button(page, "Send").click();
  await page.waitForFunction(
    (before) => globalThis.document.getElementById("body").value !== before,
    sent,
  );
  return page.locator(".answer").first().innerText();
}
