// Checks whether alerts arrive: what the Worker reports about its channels, and a test message to the
// team's channel.

import { logCommand, setupCommand } from "../worker-name.mjs";
import { send, well, wrong } from "./requests.mjs";

const NAME = "alert";
const POLL_MS = 500;
// Other messages may be waiting before it. A channel accepts one a second.
const TIMEOUT_MS = 60_000;

/** The problems that the Worker reports about its channels. `status` is undefined without a token. */
export function channels({ json: health }, status) {
  if (!status) return health.slack === "failing" ? [failing("a channel", {})] : [];
  const { team, engineers } = status;
  const undelivered = team.undelivered + engineers.undelivered;
  return [
    engineers.slack.failing && failing("the engineers' channel", engineers.slack),
    undelivered > 0 &&
      wrong(
        "undelivered",
        `${undelivered} alerts could not be delivered to Slack.`,
        "GET /v1/undelivered lists them with the reasons; POST /v1/undelivered/retry sends them again.",
      ),
  ].filter(Boolean);
}

const failing = (which, { reason, remedy }) =>
  wrong(
    "slack",
    `Slack is not accepting messages to ${which}${reason ? `: ${reason}` : ""}.`,
    remedy ?? "GET /v1/status, with API_TOKEN, says why and what to do.",
  );

/** Sends a test message, unless the status before shows that it could not be delivered. */
export async function alertArrives(url, token, status) {
  const before = status.team.slack;
  if (!before.configured)
    return wrong(
      NAME,
      "There is no SLACK_WEBHOOK_URL, so alerts wait.",
      `Create an incoming webhook at https://api.slack.com/apps and set its URL (${setupCommand(url)}).`,
    );
  if (before.failing) return rejected(status.team);
  const sent = await send(url, "/v1/test-alert", { method: "POST", token });
  if (sent.status !== 202)
    return wrong(
      NAME,
      `The request for a test alert got ${sent.status} instead of 202.`,
      `See the log (${logCommand(url)}).`,
    );
  const team = await stateAfterPost(url, token, before.said_at);
  if (team.slack.said === "delivered" && team.waiting === 0)
    return well(NAME, "A test message reached the team's channel.");
  return rejected(team);
}

/** The state of the channel once Slack has responded and no message is waiting, or once it fails. */
async function stateAfterPost(url, token, before) {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { json } = await send(url, "/v1/status", { token });
    const team = json?.team ?? { waiting: 1, slack: {} };
    const isDone = team.slack.said_at !== before && team.waiting === 0;
    if (isDone || team.slack.failing || Date.now() > end) return team;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function rejected({ waiting, slack: { reason, remedy } }) {
  const why = reason ? `: ${reason}` : "";
  return wrong(
    NAME,
    `Slack is not accepting the team's messages${why}. Waiting: ${waiting}; none is lost.`,
    remedy ?? "The Worker keeps retrying. If it lasts, check https://slack-status.com.",
  );
}
