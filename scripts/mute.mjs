// `npm run mute -- <origin id> --for 24h`: mutes the alerts about a customer, or about one of its tools.

import { apiOptions, apiUsage, caller } from "./api.mjs";
import { argumentsOf } from "./arguments.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run mute -- <origin id> --for <time> [options]
       npm run mute -- <origin id> --off [options]

Mutes the alerts about a customer. Incidents are still recorded, and when the mute ends one message
lists what is still open.

  --for <time>     how long, such as 90m, 24h or 7d; at most 30d
  --off            end the mute now
  --tool <tool>    only this tool, as Kombo spells it; default: all
${apiUsage}`;

const MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function millisecondsOf(text) {
  const [, number, unit] = text?.match(/^(\d+)([mhd])$/) ?? [];
  if (number === undefined) throw new Stop(`--for must be a duration such as 24h.\n\n${usage}`);
  return Number(number) * MS[unit];
}

const shown = ({ tool, until }) =>
  `  ${tool ?? "all tools"} until ${new Date(until).toLocaleString()}`;

await main(async () => {
  const options = {
    ...apiOptions,
    for: { type: "string" },
    off: { type: "boolean" },
    tool: { type: "string" },
  };
  const { values, positionals } = argumentsOf(usage, options, { maxPositionals: 1 });
  const [originId] = positionals;
  if (originId === undefined) throw new Stop(usage);

  const call = caller(values);
  const path = `/v1/customers/${encodeURIComponent(originId)}/mute`;
  const { muted } = values.off
    ? await call("DELETE", `${path}?tool=${encodeURIComponent(values.tool ?? "")}`)
    : await call("PUT", path, {
        tool: values.tool ?? null,
        until: new Date(Date.now() + millisecondsOf(values.for)).toISOString(),
      });
  if (muted.length === 0) return console.log(`Customer ${originId} is not muted.`);
  console.log(`Customer ${originId} is muted:\n${muted.map(shown).join("\n")}`);
});
