// What the page of the console says is true: while it loads, when something is broken, of counts, of
// outcomes, of the channel, and of the time that it lets pass.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { chromium, NO_CHROMIUM, openBrowser } from "../dev/browser.mjs";
import { body, button, choose, letPass, listed } from "../dev/console/page-driver.mjs";
import { panel, posted, send, visit } from "../dev/console/page-driver.mjs";
import { assertAccessible, openPage, skip } from "./console-testbed.mjs";
import { eventually } from "./testbed.mjs";

const DAY_MS = 86_400_000;

describe("the console page", { skip }, () => {
  let browser;
  before(async () => {
    assert.ok(chromium(), NO_CHROMIUM);
    browser = await openBrowser();
  });
  after(() => browser?.close());
  const open = (t, options) => openPage(t, browser, options);

  /** Posts messages to Slack, as the Worker does. */
  async function post({ testbed }, ...texts) {
    for (const text of texts) {
      await fetch(testbed.slack.url, { method: "POST", body: JSON.stringify({ text }) });
    }
  }

  const channel = (page) => page.getByRole("group", { name: "Channel" });
  const below = (page) =>
    channel(page).evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
  const isAtEnd = (page) =>
    eventually(async () => (await below(page)) < 2, "the end of the channel");

  async function assertAccessibleInBoth(page, what) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `${what}, ${colorScheme}`);
    }
  }

  test("follows the end of the channel, however many messages there are", async (t) => {
    const it = await open(t);
    const { page } = it;
    const texts = Array.from({ length: 210 }, (_, number) => `Message ${number}`);
    await post(it, ...texts);
    await posted(page, "Message 209").waitFor();
    await isAtEnd(page);
    for (const text of ["One more", "And\n".repeat(60), "The last one"]) {
      await post(it, text);
      await posted(page, text.slice(0, 8)).waitFor();
      await isAtEnd(page);
    }
    await page.setViewportSize({ width: 1200, height: 600 });
    await isAtEnd(page);
  });

  test("marks new messages while the reader has scrolled away, and returns to the end", async (t) => {
    const it = await open(t);
    const { page } = it;
    await post(it, ...Array.from({ length: 20 }, (_, number) => `Message ${number}`));
    await posted(page, "Message 19").waitFor();
    await isAtEnd(page);
    await channel(page).hover();
    await page.mouse.wheel(0, -500);
    await button(page, "To the end").waitFor();
    const place = () => channel(page).evaluate(({ scrollTop }) => scrollTop);
    await eventually(async () => (await below(page)) > 400, "the older messages");
    const before = await place();

    await post(it, "News 1", "News 2");
    await button(page, "2 new messages").waitFor();
    assert.equal(await place(), before, "the reader stays where they are");
    const marks = panel(page, "Slack").getByText("New", { exact: true });
    assert.equal(await marks.count(), 1);
    await posted(page, "News 1").getByText("New", { exact: true }).waitFor();
    await assertAccessibleInBoth(page, "new messages");

    await button(page, "2 new messages").click();
    await isAtEnd(page);
    await marks.waitFor({ state: "detached" });
    await button(page, "To the end").waitFor({ state: "detached" });
    await post(it, "News 3");
    await posted(page, "News 3").waitFor();
    await isAtEnd(page);
  });

  test("says that it loads, not that nothing is there or that npm start isn't running", async (t) => {
    const { page, url } = await open(t, { mayFail: true });
    let goOn;
    const held = new Promise((resolve) => (goOn = resolve));
    await page.route("**/live", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(url);
    await page.getByText("Connecting …").waitFor();
    for (const name of ["Kombo", "Slack", "Backend"]) {
      await panel(page, name).getByText("Loading …").waitFor();
    }
    await assertAccessibleInBoth(page, "loading");
    for (const untrue of ["isn’t running", "No messages yet", "None.", "0 more"]) {
      assert.equal(await page.getByText(untrue).count(), 0, untrue);
    }
    goOn();
    await page.getByText("No messages yet").waitFor();
    await panel(page, "Customers").getByText("None.").waitFor();
    assert.equal(await page.getByText("Loading …").count(), 0);
  });

  test("says when npm start isn't running, and that what it shows is old", async (t) => {
    const { page, url, stop } = await open(t, { mayFail: true });
    await visit(page, url);
    await panel(page, "Customers").getByText("None.").waitFor();
    await stop();
    const alert = page.getByRole("alert");
    await alert.getByText(/npm start isn’t running\. .* It shows what was known at /).waitFor();
    await page.getByText("No connection").waitFor();
    await assertAccessibleInBoth(page, "no connection");
    await button(page, "Send").click();
    await panel(page, "Kombo").getByText("Is `npm start` running?").first().waitFor();
  });

  test("says when the Worker does not respond, and when it does not start", async (t) => {
    const { page, url, testbed } = await open(t, { mayFail: true });
    await visit(page, url);
    await panel(page, "Customers").getByText("None.").waitFor();
    const { port } = new URL(testbed.edge().url);
    await testbed.edge().kill();
    const alert = page.getByRole("alert");
    await alert.getByText("It shows what was known at").waitFor();
    await page.getByText("In trouble").waitFor();

    const other = createServer();
    other.listen(Number(port), "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    await button(page, "Crash and restart").click();
    await alert.getByText("The Worker does not start: ").waitFor();
    await page.getByText("Does not start", { exact: true }).waitFor();

    other.close();
    await once(other, "close");
    await button(page, "Crash and restart").click();
    await page.getByRole("status").getByText("restarted with what it had stored").waitFor();
    await eventually(async () => (await alert.innerText()) === "", "no problem");
  });

  test("does not show a quarantined event as a success", async (t) => {
    const { page } = await open(t);
    const colour = () =>
      page
        .locator(".answer .pill")
        .first()
        .evaluate((it) => getComputedStyle(it).color);
    assert.match(await send(page), /^200 accepted/);
    const accepted = await colour();
    await button(page, "Make it invalid").click();
    assert.match(await send(page), /^200 quarantined/);
    assert.notEqual(await colour(), accepted);
    await page.getByLabel("Signature").selectOption("wrong");
    const quarantined = await colour();
    await button(page, "Send").click();
    await page.locator(".answer").getByText(/^401 /).waitFor();
    assert.notEqual(await colour(), accepted);
    assert.notEqual(await colour(), quarantined);
  });

  test("shows the attempts that were counted, and until when repeats are held back", async (t) => {
    const { page } = await open(t);
    for (const _ of ["once", "twice", "three times"]) await send(page);
    const incident = listed(page, "Open incidents", "Acme, Inc.");
    await incident.getByText("3 attempts").waitFor();
    await incident.getByText(/Next message in Slack at .*\d:\d\d/).waitFor();
    await incident.getByText(/Workers KV has 1 attempt until .*\d:\d\d/).waitFor();
    await letPass(page, "15 min");
    await posted(page, "3 attempts").first().waitFor();
    await incident.getByText(/Next message in Slack/).waitFor({ state: "detached" });
    await incident.getByText(/Workers KV has/).waitFor({ state: "detached" });
    await incident.getByText("3 attempts").waitFor();
  });

  test("lets hours and days pass, so that the daily summary is sent, and keeps the time", async (t) => {
    const { page, testbed } = await open(t);
    await send(page);
    await posted(page, "could not connect").waitFor();
    const clock = page.getByRole("group", { name: /Worker’s clock/ });
    assert.equal(await clock.getByText("ahead").count(), 0);

    await choose(page, "State changed", "integration-state-changed");
    await letPass(page, "1 week");
    await clock.getByText("7 days ahead").waitFor();
    const summaries = () =>
      testbed.slack.messages.filter(({ json }) => json.text.includes("Daily summary"));
    assert.ok(summaries().length >= 4, "one on each weekday, not one for all");
    await posted(page, "Daily summary").last().waitFor();
    assert.equal(await posted(page, "Tomorrow").count(), 0, "days are the Worker's");
    const madeAt = async () =>
      Date.parse(JSON.parse(await body(page).inputValue()).data.updated_at);
    const isLater = async () => (await madeAt()) > Date.now() + 6 * DAY_MS;
    await eventually(isLater, "an event of the Worker's time");

    await button(page, "Crash and restart").click();
    await page.getByRole("status").getByText("restarted with what it had stored").waitFor();
    await clock.getByText("7 days ahead").waitFor();
    const said = summaries().length;
    await letPass(page, "1 hour");
    await clock.getByText("7 days 1 hour ahead").waitFor();
    assert.ok(summaries().length - said <= 1, "nothing is repeated after the restart");
  });
});
