// Drives the page of the console as a person would, for tests and pictures: finds elements by their
// visible names, and performs common actions. `page` is Playwright's.

export const body = (page) => page.getByLabel(/^Event /);
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const panel = (page, name) => page.getByRole("region", { name, exact: true });
export const behavior = (page, name) => page.getByRole("radio", { name, exact: true });

/** The messages in the channel that contain a text. */
export const posted = (page, wording) =>
  panel(page, "Slack").getByRole("listitem").filter({ hasText: wording });

/** The entries in a section of the backend's panel that contain a text. */
export const listed = (page, part, wording) =>
  panel(page, part).getByRole("listitem").filter({ hasText: wording });

/** Opens the console, and waits until an event can be sent. */
export async function visit(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => globalThis.document.getElementById("body")?.value);
}

/** Performs an action on the form, and waits for a new event that contains a text. */
async function changing(page, act, text = "") {
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

/** Chooses an event by its title, and waits until it is ready to send. */
export const choose = (page, title, type) =>
  changing(page, () => button(page, title).click(), `"type": "${type}"`);

/** Fills in a field, and waits until the event contains the value. */
export const fill = (page, label, text) =>
  changing(page, () => page.getByLabel(label, { exact: true }).fill(text), JSON.stringify(text));

/** Fills in the next customer, who must have this id. */
export const nextCustomer = (page, originId) =>
  changing(page, () => button(page, "Another customer").click(), `"origin_id": "${originId}"`);

/** Sends the event, waits for the next one, and returns the Worker's response. */
export async function send(page) {
  await changing(page, () => button(page, "Send").click());
  return page.locator(".answer").first().innerText();
}

/** Lets time pass for the Worker: "15 min", "1 hour", "1 day" or "1 week". */
export async function letPass(page, span) {
  await button(page, `Let ${span} pass`).click();
  await page.getByRole("status").getByText(`${span} has passed for the Worker.`).waitFor();
}
