// How a message is given to the Block Kit renderer, so that it looks as in Slack. The renderer itself is
// the caller's; so is everything around the message.

/** The blocks of a message to Slack; what came as plain text alone is one section. */
export function blocksOf({ text = "", blocks }) {
  if (!Array.isArray(blocks)) return [{ type: "section", text: { type: "mrkdwn", text } }];
  return blocks.map(withTokensRead);
}

// The renderer shows the tokens of verbatim text as they are written; Slack reads them, and only
// leaves alone what looks like a link or a name without being written as one.
function withTokensRead(block) {
  if (block.text?.verbatim === undefined) return block;
  const { verbatim, ...text } = block.text;
  return { ...block, text };
}

export const SENDER = "kombo-edge";

/** The sender's picture. */
export const LOGO = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#2b6cb0"/><path d="M9 18h12m-5-6 6 6-6 6" stroke="#fff" stroke-width="3" fill="none"/></svg>',
)}`;
