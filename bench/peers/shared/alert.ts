// Alerts for the team: what happened to whom, and the message for Slack. Text from outside is plain text,
// truncated to Slack's limits, and anything that looks like an integration id is removed.

import { iso } from "./time.ts";

export interface Alert {
  /** A repeated post has the same id. */
  id: string;
  /** Alerts of one incident keep their order, and are merged into its current state. */
  incident: string;
  kind: "failed" | "connected" | "stopped working" | "recovered" | "for engineers";
  /** The customer's own id; null if it has none. */
  originId: string | null;
  organization: string | null;
  contact: string | null;
  tool: string | null;
  category: string | null;
  attempts: number;
  since: number;
  at: number;
  logUrl: string | null;
  /** Why an integration stopped working, or what engineers need to know. */
  causes: string[];
}

const MAX_HEADER = 150;
const MAX_TEXT = 3_000;
const MAX_NAME = 60;
const INTEGRATION_ID = /\b[a-z0-9_-]+:[1-9A-HJ-NP-Za-km-z]{24}\b/g;

const clamp = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
const foreign = (text: string, most: number) =>
  clamp(text.replace(INTEGRATION_ID, "(id)").replace(/\s+/g, " ").trim(), most);

const nameOf = ({ organization, originId }: Alert) =>
  foreign(organization ?? originId ?? "A customer", MAX_NAME);

function subjectOf({ tool, category }: Alert) {
  const word = foreign(tool ?? "a tool", MAX_NAME);
  const name = word.charAt(0).toUpperCase() + word.slice(1);
  return category === null ? name : `${name} (${foreign(category, MAX_NAME)})`;
}

/** What happened, in one line. */
export function titleOf(alert: Alert): string {
  const name = nameOf(alert);
  const subject = subjectOf(alert);
  const times = alert.attempts > 1 ? `, attempt ${alert.attempts}` : "";
  switch (alert.kind) {
    case "failed":
      return `${name} could not connect ${subject}${times}`;
    case "connected":
      return `${name} connected ${subject} after ${alert.attempts} failed attempts`;
    case "stopped working":
      return `${name}: ${subject} stopped working`;
    case "recovered":
      return `${name}: ${subject} works again`;
    case "for engineers":
      return `For engineers: ${foreign(alert.causes[0] ?? "look at the log", MAX_HEADER)}`;
  }
}

const plain = (text: string) => ({ type: "plain_text", text: clamp(text, MAX_TEXT), emoji: false });
const date = (at: number) =>
  `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${iso(at)}>`;
// Slack reserves three characters, and a link must not end early.
const encoded = (url: string) => encodeURI(url).replace(/[<>|&]/g, encodeURIComponent);

function linksOf({ logUrl, contact, tool }: Alert): string[] {
  const subject = encodeURIComponent(`Connecting ${tool ?? "your tool"}`);
  const log = logUrl?.startsWith("https://") ? [`• <${encoded(logUrl)}|Kombo's log>`] : [];
  const mail = contact?.includes("@")
    ? [`• <mailto:${encodeURIComponent(contact)}?subject=${subject}|Write to the contact>`]
    : [];
  return [...log, ...mail];
}

const section = (text: unknown) => ({ type: "section", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text: clamp(text, MAX_TEXT), verbatim: true });

/** The message about one alert, as an incoming webhook takes it. */
export function messageOf(alert: Alert): string {
  const title = titleOf(alert);
  const about = [
    ...(alert.contact ? [`Contact: ${foreign(alert.contact, MAX_NAME)}`] : []),
    ...alert.causes.map((cause) => `Cause: ${foreign(cause, MAX_HEADER)}`),
  ];
  const links = linksOf(alert);
  const span =
    alert.since === alert.at ? date(alert.at) : `${date(alert.since)} to ${date(alert.at)}`;
  const footer = `Customer id: ${foreign(alert.originId ?? "none", MAX_NAME)} · Alert ${alert.id}`;
  const blocks = [
    { type: "header", text: { ...plain(title), text: clamp(title, MAX_HEADER) } },
    ...(about.length > 0 ? [section(plain(about.join("\n")))] : []),
    section(mrkdwn(span)),
    ...(links.length > 0 ? [section(mrkdwn(links.join("\n")))] : []),
    { type: "context", elements: [plain(footer)] },
  ];
  return JSON.stringify({ text: title, unfurl_links: false, unfurl_media: false, blocks });
}

/** One message about many alerts, which names every customer. */
export function digestOf(alerts: Alert[]): string {
  const text = `${alerts.length} alerts came at once`;
  const lines = alerts.map((alert) => section(plain(`• ${titleOf(alert)}`)));
  const blocks = [{ type: "header", text: plain(text) }, ...lines];
  return JSON.stringify({ text, unfurl_links: false, unfurl_media: false, blocks });
}

/** The same as plain text, for after Slack has rejected the message. */
export const plainTextOf = (alerts: Alert[]): string =>
  JSON.stringify({ text: alerts.map(titleOf).join("\n").replace(/[<>&]/g, " ") });
