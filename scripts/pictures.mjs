// `npm run pictures`: pictures of each kind of message as Slack shows it, light and dark, on a phone's
// width, into docs/messages. The blocks are those that tests/rendering looked at and left behind; a
// Block Kit renderer draws them, in Chromium. It needs Debian's package `chromium` (or CHROMIUM).

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { run } from "./command.mjs";
import { inProject, main, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

const MESSAGES = inProject("target", "tmp", "slack-kinds.json");
const PICTURES = inProject("docs", "messages");
const PHONE_WIDTH = 390;
const THEMES = { light: "#ffffff", dark: "#1a1d21" };

function chromium() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (existsSync(path)) return path;
  throw new Stop(
    `There is no Chromium at ${path}: install Debian's package chromium, or set CHROMIUM.`,
  );
}

/** The page of one message, in one theme. */
async function pageOf({ message }, theme) {
  const [{ createElement }, { renderToStaticMarkup }, { Message }] = await Promise.all([
    import("react"),
    import("react-dom/server"),
    import("slack-blocks-to-jsx"),
  ]);
  const shown = createElement(Message, {
    name: "kombo-edge",
    logo: logo(),
    time: new Date("2026-11-23T08:00:00Z"),
    blocks: message.blocks.map(parsed),
    theme,
  });
  const style = readFileSync(inProject("node_modules/slack-blocks-to-jsx/dist/style.css"), "utf8");
  const body = `margin:0;padding:12px;background:${THEMES[theme]};font-family:Lato,sans-serif`;
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
    <body data-theme="${theme}" style="${body}">${renderToStaticMarkup(shown)}</body>`;
}

// The renderer shows the tokens of verbatim text as they are written; Slack reads them, and only
// leaves alone what looks like a link or a name without being written as one.
const parsed = (block) => {
  if (block.text?.verbatim === undefined) return block;
  const { verbatim, ...text } = block.text;
  return { ...block, text };
};

const logo = () =>
  `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#2b6cb0"/><path d="M9 18h12m-5-6 6 6-6 6" stroke="#fff" stroke-width="3" fill="none"/></svg>',
  )}`;

/** A browser whose user reads English in UTC, so that each run draws the same. */
async function openBrowser() {
  const { chromium: launcher } = await import("playwright-core");
  const quiet = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
  ];
  const browser = await launcher.launch({ executablePath: chromium(), args: quiet });
  const context = await browser.newContext({
    viewport: { width: PHONE_WIDTH, height: 100 },
    deviceScaleFactor: 2,
    timezoneId: "UTC",
    locale: "en-GB",
  });
  return { page: await context.newPage(), close: () => browser.close() };
}

await main(async () => {
  const { positionals: names } = parseArgs({ allowPositionals: true });
  await setUp({ forTests: true });
  await run("cargo", ["test", "--locked", "--quiet", "--test", "rendering", "no_kind_of_message"]);
  const all = JSON.parse(readFileSync(MESSAGES, "utf8"));
  const chosen = all.filter(({ name }) => names.length === 0 || names.includes(name));
  if (chosen.length === 0) throw new Stop(`Known are: ${all.map(({ name }) => name).join(", ")}`);
  if (names.length === 0) rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });

  const { page, close } = await openBrowser();
  for (const [index, kind] of chosen.entries()) {
    for (const theme of Object.keys(THEMES)) {
      await page.setContent(await pageOf(kind, theme));
      const path = `${PICTURES}/${kind.name}-${theme}.png`;
      await page.screenshot({ path, fullPage: true });
    }
    console.log(`[${index + 1}/${chosen.length}] ${kind.name}`);
  }
  await close();
});
