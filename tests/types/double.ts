// A test of a backend that uses `kombo-edge/testing`. It is only type-checked and never runs. Each line that
// is marked as an error must be one.

import { startEdge, type SlackMessage } from "kombo-edge/testing";

const edge = await startEdge({ settings: { FIRST_ALERT_DELAY_SECONDS: "60" } });
const id: string = await edge.kombo.connects("36123", "hibob", { category: "HRIS" });
await edge.kombo.reports(id, { state: "INVALID" });
export const current: string | undefined = (await edge.mapping("36123"))?.current.HRIS;
await fetch(edge.url, edge.kombo.dataChanged(id));
await edge.clock.advance({ hours: 2 });
export const messages: SlackMessage[] = edge.slack.messages;
// @ts-expect-error: there may be no mapping.
(await edge.mapping("36123")).current;
// @ts-expect-error: there is no such unit.
await edge.clock.advance({ weeks: 1 });
// @ts-expect-error: Slack has no such behavior.
edge.slack.behave("odd");
// @ts-expect-error: a backend has a configuration.
await startEdge({ backend: {} });
await edge.dispose();
