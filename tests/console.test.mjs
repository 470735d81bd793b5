// The page of the console in a real browser, used as a developer uses it. How messages look is shown in
// docs/messages, and who may access the console is tested in console-guard.test.mjs.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, NO_CHROMIUM, openBrowser } from "../dev/browser.mjs";
import {
  body,
  button,
  choose,
  fill,
  listed,
  behavior,
  nextCustomer,
} from "../dev/console/page-driver.mjs";
import { panel, posted, send } from "../dev/console/page-driver.mjs";
import { assertAccessible, LAPTOP, openPage, skip } from "./console-testbed.mjs";
import { document, eventually } from "./testbed.mjs";

const SMALL_LAPTOP = { width: 1100, height: 700 };
const PHONE = { width: 390, height: 844 };
const SMALL_PHONE = { width: 320, height: 568 };

describe("the console page", { skip }, () => {
  let browser;
  before(async () => {
    assert.ok(chromium(), NO_CHROMIUM);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  const open = (t, options) => openPage(t, browser, options);

  test("shows a failing customer and a Slack outage, and how both end", async (t) => {
    const { page, testbed } = await open(t);
    for (const _ of ["once", "twice", "three times"]) {
      assert.match(await send(page), /^200 accepted/);
    }
    await posted(page, "Acme, Inc. could not connect Personio (HRIS)").waitFor();
    await listed(page, "Open incidents", "Acme, Inc.").waitFor();
    assert.equal(testbed.slack.messages.length, 1, "further failures are counted, not reported");

    await behavior(page, "500").check();
    await page.getByText("Slack is down.").waitFor();
    await nextCustomer(page, "org_7741");
    await send(page);
    const headline = "Lindqvist Logistik AB could not connect Hibob (HRIS)";
    const rejected = posted(page, headline).filter({
      hasText: "Slack rejected it: 500 server_error",
    });
    await rejected.first().waitFor();
    await panel(page, "Slack").getByText("1 message waits for Slack.").waitFor();

    await behavior(page, "Fine").check();
    const accepted = posted(page, headline).filter({ hasNotText: "rejected" });
    await accepted.waitFor();
    await panel(page, "Slack").getByText("waits for Slack").waitFor({ state: "detached" });

    await choose(page, "Connected", "integration-created");
    await fill(page, "Customer (origin id)", "36123");
    await fill(page, "Organization", "Acme, Inc.");
    await fill(page, "Tool", "personio");
    assert.match(await send(page), /^200 accepted/);
    await posted(page, "Acme, Inc. connected Personio (HRIS) after 3 failed attempts").waitFor();
    await listed(page, "Customers", "Acme, Inc.").filter({ hasText: "personio" }).waitFor();
    await listed(page, "Open incidents", "Acme, Inc.").waitFor({ state: "detached" });
    await listed(page, "Open incidents", "Lindqvist Logistik AB").waitFor();
  });

  test("resolves what needs manual action", async (t) => {
    const { page, testbed } = await open(t);
    await choose(page, "Connected (no customer)", "integration-created");
    await send(page);
    await posted(page, "For engineers").filter({ hasText: "without a customer id" }).waitFor();
    const unassigned = panel(page, "Unassigned");
    await unassigned.getByLabel("Assign to").fill("42");
    await unassigned.getByRole("button", { name: "Assign" }).click();
    await listed(page, "Customers", "42").waitFor();
    await document(testbed.edge(), "customer:42");
    await unassigned.getByRole("listitem").waitFor({ state: "detached" });

    await choose(page, "Connected", "integration-created");
    await button(page, "Make it invalid").click();
    assert.match(await send(page), /^200 quarantined/);
    const quarantine = panel(page, "Quarantine");
    await listed(page, "Quarantine", "`data.id` is missing or not a string").waitFor();
    await posted(page, "could not be understood").waitFor();
    await quarantine.getByRole("button", { name: "Dismiss" }).click();
    await quarantine.getByRole("listitem").waitFor({ state: "detached" });

    await behavior(page, "Message rejected").check();
    await choose(page, "Could not connect", "connection-flow-failed");
    await send(page);
    const undelivered = panel(page, "Undelivered");
    await listed(page, "Undelivered", "Slack answered 400: invalid_payload").waitFor();
    await behavior(page, "Fine").check();
    await undelivered.getByRole("button", { name: "Send again" }).click();
    await posted(page, "could not connect").filter({ hasNotText: "rejected" }).waitFor();
    await undelivered.getByRole("listitem").waitFor({ state: "detached" });
  });

  test("restarts the Worker with what it had stored, and gives it a new webhook", async (t) => {
    const { page, testbed } = await open(t);
    await choose(page, "Connected", "integration-created");
    await send(page);
    const customer = listed(page, "Customers", "Acme, Inc.");
    await customer.waitFor();
    const { pid } = testbed.edge();
    await button(page, "Crash and restart").click();
    await page.getByRole("status").getByText("restarted with what it had stored").waitFor();
    assert.notEqual(testbed.edge().pid, pid);
    await customer.waitFor();

    await behavior(page, "Webhook revoked").check();
    await choose(page, "Could not connect", "connection-flow-failed");
    await nextCustomer(page, "org_7741");
    await send(page);
    await posted(page, "Slack rejected it: 404 no_service").waitFor();
    await posted(page, "For engineers").filter({ hasText: "is not accepting" }).waitFor();
    await button(page, "Create a new webhook").click();
    await posted(page, "could not connect").filter({ hasNotText: "rejected" }).waitFor();
    assert.ok(await behavior(page, "Fine").isChecked());
  });

  test("shows Slack's response, or that there was none", async (t) => {
    const { page } = await open(t);
    await behavior(page, "Blocks rejected").check();
    await send(page);
    await posted(page, "Slack rejected it: 400 invalid_blocks").waitFor();
    await posted(page, "could not connect").filter({ hasNotText: "rejected" }).waitFor();
    await behavior(page, "429").check();
    await nextCustomer(page, "org_7741");
    await send(page);
    await posted(page, "Slack rejected it: 429 rate_limited").waitFor();
    await behavior(page, "No answer").check();
    await posted(page, "Slack never answered").waitFor();
  });

  test("sends an edited event, repeats it, and sends one with a wrong signature", async (t) => {
    const { page } = await open(t);
    const event = JSON.parse(await body(page).inputValue());
    event.data.end_user.organization_name = "Changed by hand";
    await body(page).fill(JSON.stringify(event));
    assert.match(await send(page), /^200 accepted/);
    await posted(page, "Changed by hand could not connect").waitFor();
    await button(page, "Repeat").click();
    await page.getByText("200 duplicate").waitFor();
    await page.getByLabel("Signature").selectOption("wrong");
    await button(page, "Send").click();
    await page.locator(".answer").getByText(/^401 /).waitFor();
    await body(page).fill("not an event");
    await page.getByLabel("Signature").selectOption("right");
    await button(page, "Send").click();
    await page.locator(".answer").getByText(/^400 /).waitFor();
  });

  test("can be used with the keyboard only, and announces what happens to screen readers", async (t) => {
    const { page } = await open(t);
    await reach(page, "Connected (no customer)");
    await page.keyboard.press("Enter");
    await eventually(async () => (await body(page).inputValue()).includes("null"), "the event");
    await reach(page, "Send");
    await page.keyboard.press("Enter");
    await page
      .getByRole("status")
      .getByText(/New in Slack: .*without a customer id/)
      .waitFor();
    await reach(page, "fine");
    await page.keyboard.press("ArrowRight");
    await eventually(() => behavior(page, "Slow").isChecked(), "the next Slack behavior");
    await reach(page, "Assign to");
    await page.keyboard.type("42");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Assigned to customer 42.").waitFor();
    assert.equal(await focused(page), "Unassigned", "the focus stays where the work was");
    await reach(page, "customer:42");
    await page.keyboard.press("Enter");
    await page.getByText('"origin_id": "42"').first().waitFor();
  });

  test("has a link that skips to the panels", async (t) => {
    const { page } = await open(t);
    await page.keyboard.press("Tab");
    const link = page.getByRole("link", { name: "Skip to the panels" });
    const { width } = await link.boundingBox();
    assert.ok(width > 50, "it is visible with the focus");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const isInPanel = await page.evaluate(
      () => globalThis.document.activeElement.closest("section").className,
    );
    assert.equal(isInPanel, "panel kombo");
  });

  /** The label of the element that has the focus. */
  const focused = (page) =>
    page.evaluate(() => {
      const { activeElement: it } = globalThis.document;
      return (it.labels?.[0] ?? it).textContent.replace(/\d+$/, "").trim() || it.value;
    });

  /** Presses Tab until this element has the focus. Every element on the way must show its focus. */
  async function reach(page, name) {
    const begin = await page.evaluate(() => globalThis.document.activeElement.outerHTML);
    for (let stops = 0; ; stops += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const { activeElement: it } = globalThis.document;
        const shown = it.type === "radio" ? it.nextElementSibling : it;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        const isVisible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
        const isPage = it === globalThis.document.body;
        const label = it.getAttribute("aria-label") ?? (it.labels?.[0] ?? it).textContent;
        return { label: label.trim(), value: it.value, isVisible, isPage };
      });
      assert.ok(stop.isVisible || stop.isPage, `the focus is visible on "${stop.label}"`);
      if (stop.label === name || stop.value === name) return;
      assert.ok(stops < 200, `"${name}" was not reached from ${begin}`);
    }
  }

  test("passes the accessibility checks with all kinds of content, in light and dark", async (t) => {
    const { page } = await open(t);
    await send(page);
    await choose(page, "Connected (no customer)", "integration-created");
    await send(page);
    await button(page, "Make it invalid").click();
    await send(page);
    await behavior(page, "Webhook revoked").check();
    await choose(page, "State changed", "integration-state-changed");
    await send(page);
    await button(page, "Create a new webhook").waitFor();
    for (const part of ["Open incidents", "Unassigned", "Quarantine", "Customers"]) {
      await listed(page, part, "").first().waitFor();
    }
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [LAPTOP, PHONE, SMALL_PHONE]) {
        await page.setViewportSize(viewport);
        await assertAccessible(page, `${colorScheme}, ${viewport.width}`);
      }
    }
  });

  test("shows one panel at a time on a phone and three on a laptop, and never scrolls sideways", async (t) => {
    const { page } = await open(t, { viewport: PHONE, hasTouch: true });
    const tabs = page.getByRole("navigation", { name: "Panels" });
    const long = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(4);
    await fill(page, "Organization", long);
    await send(page);
    await tabs.getByRole("button", { name: /Slack\s*1 new/ }).waitFor();
    for (const viewport of [PHONE, SMALL_PHONE]) {
      await page.setViewportSize(viewport);
      for (const name of ["Slack", "Backend", "Kombo"]) {
        await tabs.getByRole("button", { name }).click();
        await panel(page, name).waitFor();
        for (const other of ["Slack", "Backend", "Kombo"]) {
          assert.equal(await panel(page, other).isVisible(), other === name);
        }
        if (name === "Backend") await panel(page, name).locator("summary").first().click();
        assert.deepEqual(await tooWide(page), [], `${name}, ${viewport.width}`);
        const { height } = await panel(page, name).locator(".scroll").boundingBox();
        assert.ok(height > 120, `${name} has room for its content: ${height}`);
      }
    }
    await page.setViewportSize(SMALL_LAPTOP);
    for (const name of ["Slack", "Backend", "Kombo"]) await panel(page, name).waitFor();
    assert.deepEqual(await tooWide(page), [], "a small laptop");
  });

  /** The elements with content wider than themselves, except text that scrolls on its own. */
  const tooWide = (page) =>
    page.evaluate(() => {
      const { document } = globalThis;
      const parts = document.querySelectorAll(
        ".panel, .scroll, .sending, .behaviors, .entry, .head, .time, nav, .frame",
      );
      return [document.documentElement, ...parts]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ className }) => className || "the page");
    });

  test("is dark if the reader's system is", async (t) => {
    const brightness = (page, selector) =>
      page.locator(selector).evaluate((it) => {
        const [red, green, blue] = getComputedStyle(it).backgroundColor.match(/\d+/g).map(Number);
        return (red + green + blue) / 3;
      });
    const { page } = await open(t, { colorScheme: "dark" });
    await send(page);
    const message = posted(page, "could not connect").locator("[data-theme]");
    await message.waitFor();
    assert.equal(await message.getAttribute("data-theme"), "dark");
    for (const shown of ["html", ".panel.slack"]) assert.ok((await brightness(page, shown)) < 60);
    await page.emulateMedia({ colorScheme: "light" });
    await eventually(
      async () => (await message.getAttribute("data-theme")) === "light",
      "a light message",
    );
    for (const shown of ["html", ".panel.slack"]) assert.ok((await brightness(page, shown)) > 200);
  });
});
