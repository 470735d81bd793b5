// `npm run console:pictures`: takes the pictures in docs/console: the console in its light and dark theme
// on a laptop and on a phone, and a short recording of a customer who can't connect while Slack is down.
// Requires Chromium, like `npm run pictures`.

import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, NO_CHROMIUM, openBrowser } from "../dev/browser.mjs";
import { choose, fill, listed, behavior, nextCustomer } from "../dev/console/page-driver.mjs";
import { panel, posted, send, visit } from "../dev/console/page-driver.mjs";
import { argumentsOf } from "./arguments.mjs";
import { build, worker } from "./build.mjs";
import { WEBHOOK_PATH } from "./local-settings.mjs";
import { inProject, main, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

const PICTURES = inProject("docs", "console");
const LAPTOP = { width: 1360, height: 850 };
const PHONE = { width: 390, height: 844 };
const RECORDING = { width: 1200, height: 760 };
// How long each step is shown.
const READING_MS = 3_200;

/** Starts a new testbed and its console, and returns a function that stops both. */
async function serve() {
  const [{ startTestbed }, { startConsole }] = await Promise.all([
    import("../dev/testbed.mjs"),
    import("../dev/console/server.mjs"),
  ]);
  const secret = "kombo-pictures-secret";
  const token = "kombo-pictures-token";
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  const testbed = await startTestbed({
    persist: folder,
    bindings: (slack) => ({
      ENVIRONMENT: "local",
      API_TOKEN: token,
      KOMBO_WEBHOOK_SECRET: secret,
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_OPS_URL: slack.opsUrl,
    }),
  });
  const { url, stop } = await startConsole({ testbed, secret, token, webhookPath: WEBHOOK_PATH });
  const end = async () => {
    await stop();
    await testbed.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, end };
}

/** The steps of the recording: the caption, and what is done. */
const STEPS = [
  ["This page plays Kombo, Slack and your backend around the real Worker.", async () => {}],
  [
    "A customer could not connect: the team is notified at once.",
    async (page) => {
      await send(page);
      await posted(page, "Acme, Inc. could not connect").waitFor();
      await listed(page, "Open incidents", "Acme, Inc.").waitFor();
    },
  ],
  [
    "It fails twice more: the attempts are counted, without a message for each.",
    async (page) => {
      await send(page);
      await send(page);
    },
  ],
  [
    "Slack is down, and another customer fails: the message waits.",
    async (page) => {
      await behavior(page, "500").check();
      await nextCustomer(page, "org_7741");
      await send(page);
      await posted(page, "Slack rejected it").first().waitFor();
      await panel(page, "Slack").getByText("1 message waits for Slack.").waitFor();
      await listed(page, "Open incidents", "Lindqvist").waitFor();
    },
  ],
  [
    "Slack is back: the message is delivered.",
    async (page) => {
      await behavior(page, "Fine").check();
      await posted(page, "Lindqvist").filter({ hasNotText: "rejected" }).waitFor();
      await panel(page, "Slack").getByText("waits for Slack").waitFor({ state: "detached" });
    },
  ],
  [
    "The first customer connects: one message, and the backend reads the mapping.",
    async (page) => {
      await choose(page, "Connected", "integration-created");
      await fill(page, "Customer (origin id)", "36123");
      await fill(page, "Organization", "Acme, Inc.");
      await fill(page, "Contact", "hr@acme.example");
      await fill(page, "Tool", "personio");
      await send(page);
      await posted(page, "connected Personio (HRIS) after 3 failed attempts").waitFor();
      await listed(page, "Customers", "Acme, Inc.").waitFor();
      await listed(page, "Open incidents", "Acme, Inc.").waitFor({ state: "detached" });
    },
  ],
];

/** Performs the steps on a page, and records them as an animated picture. */
async function record(page) {
  // Not at the top: it may not be installed before the setup has run.
  const { default: sharp } = await import("sharp");
  await makeRoomForCaption(page);
  const frames = [];
  for (const [caption, act] of STEPS) {
    await setCaption(page, caption);
    await act(page);
    frames.push(
      await sharp(await page.screenshot())
        .resize(RECORDING)
        .png()
        .toBuffer(),
    );
    console.log(`[${frames.length}/${STEPS.length}] ${caption}`);
  }
  const path = join(PICTURES, "story.gif");
  const delay = frames.map(() => READING_MS);
  await sharp(frames, { join: { animated: true } })
    .gif({ delay, dither: 0, effort: 10, reuse: false })
    .toFile(path);
  console.log(`story.gif: ${Math.round(statSync(path).size / 1024)} KiB`);
}

const makeRoomForCaption = (page) =>
  page.evaluate(() => {
    const { document } = globalThis;
    const caption = document.body.appendChild(document.createElement("p"));
    caption.id = "caption";
    Object.assign(caption.style, {
      font: "600 19px/60px system-ui, sans-serif",
      textAlign: "center",
      color: "#fff",
      background: "#3f49c9",
    });
    document.getElementById("console").style.height = "calc(100dvh - 60px)";
  });

const setCaption = (page, text) =>
  page.evaluate((said) => {
    globalThis.document.getElementById("caption").textContent = said;
  }, text);

const withoutCaption = (page) =>
  page.evaluate(() => {
    globalThis.document.getElementById("caption").remove();
    globalThis.document.getElementById("console").style.height = "";
  });

/** Takes a picture of a page in each colour scheme. */
async function takePictures(page, name) {
  const { default: sharp } = await import("sharp");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const path = join(PICTURES, `${name}-${colorScheme}.png`);
    await sharp(await page.screenshot())
      .png({ palette: true, effort: 10 })
      .toFile(path);
    console.log(`${name}-${colorScheme}.png: ${Math.round(statSync(path).size / 1024)} KiB`);
  }
}

const command = {
  name: "console:pictures",
  about: "Draws the console into docs/console. It needs Chromium.",
};

await main(async () => {
  await argumentsOf(command);
  if (chromium() === undefined) throw new Stop(NO_CHROMIUM);
  await setUp();
  await build(worker);
  mkdirSync(PICTURES, { recursive: true });
  const { url, end } = await serve();
  const browser = await openBrowser();

  const laptop = await browser.page({ viewport: RECORDING, deviceScaleFactor: 2 });
  await visit(laptop, url);
  await record(laptop);
  await withoutCaption(laptop);
  await laptop.setViewportSize(LAPTOP);
  await takePictures(laptop, "laptop");

  const phone = await browser.page({ viewport: PHONE, deviceScaleFactor: 2 });
  await visit(phone, url);
  await phone.getByRole("navigation").getByRole("button", { name: "Slack" }).click();
  await posted(phone, "connected Personio").waitFor();
  await takePictures(phone, "phone");

  await browser.close();
  await end();
});
