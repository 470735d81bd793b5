// `npm run pictures`: draws each kind of message as Slack shows it, light and dark, at a phone's width,
// into docs/messages. The test `rendering` checks the blocks and writes them to a file; a Block Kit
// renderer draws them in Chromium. Requires Debian's packages `chromium` (or CHROMIUM)
// and `fonts-noto-color-emoji`.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium, NO_CHROMIUM, openBrowser } from "../dev/browser.mjs";
import { blocksOf, LOGO, SENDER } from "../dev/slack-appearance.mjs";
import { argumentsOf } from "./arguments.mjs";
import { run } from "./command.mjs";
import { inProject, main, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

const MESSAGES = inProject("target", "tmp", "slack-kinds.json");
const PICTURES = inProject("docs", "messages");
const PHONE_WIDTH = 390;
const THEMES = { light: "#ffffff", dark: "#1a1d21" };

/** The HTML page of a message in a theme. */
async function pageOf({ message }, theme) {
  const [{ createElement }, { renderToStaticMarkup }, { Message }] = await Promise.all([
    import("react"),
    import("react-dom/server"),
    import("slack-blocks-to-jsx"),
  ]);
  const shown = createElement(Message, {
    name: SENDER,
    logo: LOGO,
    time: new Date("2026-11-23T08:00:00Z"),
    blocks: blocksOf(message),
    theme,
  });
  const style = readFileSync(inProject("node_modules/slack-blocks-to-jsx/dist/style.css"), "utf8");
  const body = `margin:0;padding:12px;background:${THEMES[theme]};font-family:Lato,sans-serif`;
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
    <body data-theme="${theme}" style="${body}">${renderToStaticMarkup(shown)}</body>`;
}

const command = {
  name: "pictures",
  operands: ["[message…]"],
  about:
    "Draws the messages as Slack shows them into docs/messages; default: all. It needs Chromium.",
};

await main(async () => {
  const { positionals: names } = await argumentsOf(command);
  if (chromium() === undefined) throw new Stop(NO_CHROMIUM);
  await setUp({ forTests: true });
  await run("cargo", ["test", "--locked", "--quiet", "--test", "rendering", "no_kind_of_message"]);
  const all = JSON.parse(readFileSync(MESSAGES, "utf8"));
  const chosen = all.filter(({ name }) => names.length === 0 || names.includes(name));
  if (chosen.length === 0)
    throw new Stop(`Known messages: ${all.map(({ name }) => name).join(", ")}`);
  mkdirSync(PICTURES, { recursive: true });
  // Keeps the page that explains them.
  const old = readdirSync(PICTURES).filter((file) => file.endsWith(".png"));
  if (names.length === 0) for (const file of old) rmSync(join(PICTURES, file));

  const browser = await openBrowser();
  const viewport = { width: PHONE_WIDTH, height: 100 };
  const page = await browser.page({ viewport, deviceScaleFactor: 2 });
  for (const [index, kind] of chosen.entries()) {
    for (const theme of Object.keys(THEMES)) {
      await page.setContent(await pageOf(kind, theme));
      const path = `${PICTURES}/${kind.name}-${theme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
    console.log(`[${index + 1}/${chosen.length}] ${kind.name}`);
  }
  await browser.close();
});
