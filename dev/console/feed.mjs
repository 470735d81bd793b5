// What the page is told while it is open: named parts, each sent when it has changed, as server-sent
// events. Whoever joins gets all of them first, so a page that lost its connection misses nothing. What
// the parts are is left to others.

/** A feed; `onWatched` is called each time when somebody joins. */
export function createFeed({ onWatched = () => {} } = {}) {
  const parts = new Map();
  const watchers = new Set();
  const line = (name, text) => `data: {"part":${JSON.stringify(name)},"value":${text}}\n\n`;

  return {
    /** How many pages are open. */
    watchers: () => watchers.size,
    /** Sends a part to everybody, unless it is what they have already. */
    publish(name, value) {
      const text = JSON.stringify(value);
      if (parts.get(name) === text) return;
      parts.set(name, text);
      for (const watcher of watchers) watcher.write(line(name, text));
    },
    /** Leaves a part out for those who join from now on. */
    forget: (name) => parts.delete(name),
    /** Answers a request with the feed, for as long as the other side listens. */
    join(response) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const [name, text] of parts) response.write(line(name, text));
      watchers.add(response);
      response.on("close", () => watchers.delete(response));
      onWatched();
    },
    /** Ends it for everybody. */
    close() {
      for (const watcher of watchers) watcher.end();
    },
  };
}
