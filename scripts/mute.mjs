// `npm run mute -- <customer id> --for 24h`: mutes the alerts about a customer, or about one of its tools.

import { NOTHING, apiOptions, caller, pages } from "./api.mjs";
import { badArgument } from "./arguments.mjs";
import { slugsOf } from "./tools.mjs";

export const command = {
  name: "mute",
  forms: ["<customer id> --for <time>", "<customer id> --off"],
  operands: ["<customer id>"],
  about: `Mutes the alerts about a customer. Incidents are still recorded, and when the mute ends one message lists what is still open.`,
  options: {
    for: { value: "time", about: "how long, such as 90m, 24h or 7d; at most 30d" },
    off: { about: "end all mutes of the customer now, or with --tool that of one tool" },
    tool: {
      value: "tool",
      about: "only this tool, as Slack shows it or as Kombo spells it; default: all",
    },
    ...apiOptions,
  },
  run,
};

const MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_MS = 30 * MS.d;

/** The end of a mute that begins now. */
function endAfter(text) {
  const [, number, unit] = text.match(/^(\d+)([mhd])$/) ?? [];
  const ms = Number(number) * MS[unit];
  if (!(ms > 0)) throw badArgument(command, `--for must be a time such as 24h, not "${text}".`);
  if (ms > MAX_MS) throw badArgument(command, `--for is at most 30d, not ${text}.`);
  // The Worker's clock may be a little behind.
  return new Date(Date.now() + Math.min(ms, MAX_MS - MS.m)).toISOString();
}

/** The slug of the tool that a text means. */
async function toolFrom(text, call, originId) {
  const slugs = slugsOf(text);
  if (slugs.length === 1) return slugs[0];
  if (slugs.length > 1)
    throw badArgument(command, `--tool ${text} may mean ${slugs.join(" or ")}. Pass one of them.`);
  // Kombo may have added it after this version.
  if ((await toolsOf(call, originId)).has(text)) return text;
  throw badArgument(
    command,
    `--tool ${text} is not a tool of Kombo's, and customer ${originId} has none of this name.`,
  );
}

/** The tools that the Worker knows of a customer. */
async function toolsOf(call, originId) {
  const tools = new Set();
  for await (const { origin_id, tool } of pages(call, "incidents"))
    if (origin_id === originId) tools.add(tool);
  const customer = await call("GET", `/v1/customers/${encodeURIComponent(originId)}`).catch(
    (error) => {
      if (error.type !== NOTHING) throw error;
    },
  );
  for (const { tool } of customer?.integrations ?? []) tools.add(tool);
  return tools;
}

/** Ends one mute, or all if no tool is given, and returns those that remain. */
async function unmute(call, path, tool) {
  const end = (one) => call("DELETE", `${path}?tool=${encodeURIComponent(one ?? "")}`);
  let { muted } = await end(tool);
  if (tool !== undefined) return muted;
  for (const { tool: one } of muted) ({ muted } = await end(one));
  return muted;
}

const shown = ({ tool, until }) => {
  const time = new Date(until).toLocaleString(undefined, {
    ...{ weekday: "short", year: "numeric", month: "short", day: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  });
  return `  ${tool ?? "all tools"} until ${time}`;
};

async function run({ values, positionals }) {
  const [originId] = positionals;
  if (values.off && values.for !== undefined)
    throw badArgument(command, "--for and --off exclude each other.");
  if (!values.off && values.for === undefined) throw badArgument(command, "--for is missing.");
  const until = values.off ? undefined : endAfter(values.for);

  const call = caller(values);
  const tool = values.tool && (await toolFrom(values.tool, call, originId));
  const path = `/v1/customers/${encodeURIComponent(originId)}/mute`;
  const muted = values.off
    ? await unmute(call, path, tool)
    : (await call("PUT", path, { tool: tool ?? null, until })).muted;
  if (muted.length === 0) return console.log(`Customer ${originId} is not muted.`);
  console.log(`Customer ${originId} is muted:\n${muted.map(shown).join("\n")}`);
}
