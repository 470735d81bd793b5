// The page of the console as a person uses it, for tests and pictures: what is on it, by the names that
// a reader sees, and the few things that are done again and again. `page` is Playwright's.

export const body = (page) => page.getByLabel(/^Event /);
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const panel = (page, name) => page.getByRole("region", { name, exact: true });
export const behavior = (page, name) => page.getByRole("radio", { name, exact: true });

/** The messages in the channel that say something. */
export const posted = (page, wording) =>
  panel(page, "Slack").getByRole("listitem").filter({ hasText: wording });

/** The entries of a part of the backend's panel that say something. */
export const listed = (page, part, wording) =>
  panel(page, part).getByRole("listitem").filter({ hasText: wording });

/** Opens the console, and waits until an event can be sent. */
export async function visit(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => globalThis.document.getElementById("body")?.value);
}

/** Does something to the form, and waits until there is another event, which holds a text. */
async function remaking(page, act, text = "") {
  const before = await body(page).inputValue();
  await act();
  await page.waitForFunction(
    ([old, wanted]) => {
      const { value } = globalThis.document.getElementById("body");
      return value !== old && value.includes(wanted);
    },
    [before, text],
  );
}

/** Chooses an event by its title, and waits until it can be sent. */
export const choose = (page, title, type) =>
  remaking(page, () => button(page, title).click(), `"type": "${type}"`);

/** Fills in a field, and waits until the event says it. */
export const fill = (page, label, text) =>
  remaking(page, () => page.getByLabel(label, { exact: true }).fill(text), JSON.stringify(text));

/** Fills in the next customer, who is known by this id. */
export const ofAnother = (page, originId) =>
  remaking(page, () => button(page, "Another customer").click(), `"origin_id": "${originId}"`);

/** Sends the event, waits until the next one is there, and gives back what the Worker answered. */
export async function send(page) {
  await remaking(page, () => button(page, "Send").click());
  return page.locator(".answer").first().innerText();
}
