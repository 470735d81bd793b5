// Prepares a message for the Block Kit renderer, so that it looks as in Slack. The caller renders it.

/** The blocks of a message to Slack; plain text becomes a section. */
export function blocksOf({ text = "", blocks }) {
  if (!Array.isArray(blocks)) return [{ type: "section", text: { type: "mrkdwn", text } }];
  return blocks.map(withoutVerbatim);
}

// The renderer shows the tokens in verbatim text literally. Slack resolves them, and only leaves alone
// what looks like a link or a name without being a token.
function withoutVerbatim(block) {
  if (block.text?.verbatim === undefined) return block;
  const { verbatim, ...text } = block.text;
  return { ...block, text };
}

export const SENDER = "kombo-edge";

/** The sender's avatar. */
export const LOGO = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#2b6cb0"/><path d="M9 18h12m-5-6 6 6-6 6" stroke="#fff" stroke-width="3" fill="none"/></svg>',
)}`;
