// Formats a message to Slack for a terminal: headings, sections and context, links as "label (URL)",
// times as their fallback. Colours, bold text and interactive elements are left out.

/** The lines of a message that was posted to an incoming webhook. */
export function readable(message) {
  if (message === undefined || message === null) return ["(not JSON)"];
  const blocks = Array.isArray(message.blocks) ? message.blocks : [];
  if (blocks.length === 0) return plain(message.text ?? "(empty)").split("\n");
  return blocks.flatMap(linesOf);
}

function linesOf(block) {
  switch (block.type) {
    case "header":
      return [`■ ${textOf(block.text)}`];
    case "section":
      return [block.text, ...(block.fields ?? [])]
        .filter(Boolean)
        .flatMap((text) => textOf(text).split("\n"));
    case "context":
      return [`· ${(block.elements ?? []).map(textOf).join("  ")}`];
    case "rich_text":
      return (block.elements ?? []).flatMap(richLinesOf);
    case "divider":
      return ["────"];
    default:
      return [`[${block.type}]`];
  }
}

function richLinesOf({ type, elements = [] }) {
  if (type === "rich_text_list") return elements.flatMap(richLinesOf).map((line) => `• ${line}`);
  return elements.map(pieceOf).join("").split("\n");
}

const pieceOf = ({ type, url, text = "" }) => (type === "link" ? `${text || url} (${url})` : text);

// Plain text is literal; mrkdwn has tokens and entities.
const textOf = ({ type, text = "", alt_text: alternative }) => {
  if (type === "image") return alternative ?? "";
  return type === "plain_text" ? text : plain(text);
};

/**
 * Converts mrkdwn to plain text by resolving its tokens: `<url|label>`, `<!date^…|fallback>`, `<!here>`,
 * `<@U…>`, entities.
 */
export const plain = (mrkdwn) =>
  mrkdwn
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, token, label) => ofToken(token, label))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");

function ofToken(token, label) {
  if (token.startsWith("!date^")) return label ?? "";
  if (token.startsWith("!subteam^")) return `@${label ?? token.slice("!subteam^".length)}`;
  if (token.startsWith("!")) return `@${token.slice(1)}`;
  if (token.startsWith("@") || token.startsWith("#")) return label ?? token;
  if (label === undefined || label === token) return token;
  return `${label} (${token})`;
}
