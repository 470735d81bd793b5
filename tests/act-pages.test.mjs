// The pages behind the links in messages, in a real browser: with a keyboard, on a phone, dark and light,
// with and without scripts, and without a fault that axe finds.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, NO_CHROMIUM, openBrowser } from "../dev/browser.mjs";
import { startKombo } from "../dev/kombo-integrations.mjs";
import { assertAccessible, skip } from "./console-testbed.mjs";
import { deliver, document, eventually, failure, startTestbed, TIMEOUT_MS } from "./testbed.mjs";

const KEY = "kombo-key-0123456789";
const PHONE = { width: 360, height: 640 };
const INCIDENT =
  "incident:customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:connection:personio:HRIS";

/** The URLs of the links in a message, by their labels. */
function linksIn(value, links = {}) {
  if (value?.type === "link") links[value.text] ??= value.url;
  if (typeof value === "object" && value !== null)
    for (const part of Object.values(value)) linksIn(part, links);
  return links;
}

describe("the page of an act", { skip, concurrency: true }, () => {
  let browser;
  before(async () => {
    assert.ok(chromium(), NO_CHROMIUM);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  /** A testbed with a failed connection: its links by label, and `open`, which opens one. */
  async function failing(t) {
    const kombo = await startKombo({ keys: { [KEY]: "env-1" }, knows: "all" });
    t.after(() => kombo.stop());
    const it = await startTestbed(t, {
      bindings: {
        LINK_SECRET: "link-secret-0123456789-0123456789",
        KOMBO_API_KEY: KEY,
        KOMBO_API_URL: kombo.url,
        SILENCE_DAYS: "0",
      },
    });
    await deliver(it.edge, failure("36123", { tool: "personio" }));
    const message = await eventually(() => it.slack.messages[0], "the message");
    const links = linksIn(message.json);
    const open = async (label, options = {}) => {
      const page = await browser.page({ viewport: PHONE, ...options });
      page.setDefaultTimeout(TIMEOUT_MS);
      const faults = [];
      page.on("pageerror", ({ message }) => faults.push(message));
      page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
      t.after(async () => {
        await page.context().close();
        assert.deepEqual(faults, []);
      });
      await page.goto(links[label]);
      return page;
    };
    return { ...it, kombo, open };
  }

  /** Checks what the page shows, light and dark, and that it fits a phone. */
  async function assertFine(page, what) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `${what}, ${colorScheme}`);
    }
    const width = await page.evaluate(() => globalThis.document.documentElement.scrollWidth);
    assert.ok(width <= PHONE.width, `${what} is ${width} px wide`);
  }

  test("is used with a keyboard alone, and knows the name the next time", async (t) => {
    const { edge, open } = await failing(t);
    const page = await open("I’m on it");
    await assertFine(page, "taking");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Anna");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "You are on it" }).waitFor();
    await assertFine(page, "taken");
    await document(edge, INCIDENT, ({ assignee }) => assignee?.name === "Anna");
    await page.goBack();
    await page.reload();
    assert.equal(await page.getByLabel("Your name").inputValue(), "Anna");
    await page.getByText("Anna has been on it for").waitFor();
    assert.ok(await page.getByRole("button", { name: "Take over" }).isVisible());
  });

  test("mutes until the day that was chosen", async (t) => {
    const { edge, open } = await failing(t);
    const page = await open("Mute");
    await assertFine(page, "muting");
    await page.getByLabel("Until the beginning of a day").check();
    const day = await page.getByLabel("The day").getAttribute("min");
    await page.getByLabel("The day").fill(day);
    await page.getByLabel("Your name").fill("Anna");
    await page.getByRole("button", { name: "Mute" }).click();
    await page.getByRole("heading", { name: "Muted" }).waitFor();
    await assertFine(page, "muted");
    const { muted_until: until } = await document(edge, INCIDENT, (it) => it.muted_until !== null);
    assert.equal(until, `${day}T00:00:00.000Z`);
  });

  test("shows the new link to copy, and an e-mail with it", async (t) => {
    const { kombo, open } = await failing(t);
    const page = await open("Send a new link", {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await assertFine(page, "before the link");
    await page.getByLabel("Your name").fill("Anna");
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByRole("heading", { name: "The new link" }).waitFor();
    await assertFine(page, "the link");
    const [{ link }] = kombo.links;
    assert.equal(await page.getByLabel("Link for the customer").inputValue(), link);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied.").waitFor();
    const copied = await page.evaluate(() => globalThis.navigator.clipboard.readText());
    assert.equal(copied, link);
    const mail = await page
      .getByRole("link", { name: "Write to the contact" })
      .getAttribute("href");
    assert.ok(decodeURIComponent(mail).includes(link), mail);
  });

  test("works without scripts, and says that the incident is closed afterwards", async (t) => {
    const { open } = await failing(t);
    const page = await open("Close", { javaScriptEnabled: false });
    await page.getByLabel("Your name").fill("Anna");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("heading", { name: "Closed" }).waitFor();
    const again = await open("Close");
    await again.getByRole("heading", { name: "This incident is closed" }).waitFor();
    await assertFine(again, "closed");
    const link = await open("Send a new link", { javaScriptEnabled: false });
    assert.equal(await link.getByRole("button").count(), 0);
  });

  test("is a page, too, if the link is broken", async (t) => {
    const { edge } = await failing(t);
    const page = await browser.page({ viewport: PHONE });
    t.after(() => page.context().close());
    const response = await page.goto(`${new URL(edge.url).origin}/act?link=broken`);
    assert.equal(response.status(), 403);
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
    await assertFine(page, "a broken link");
  });
});
