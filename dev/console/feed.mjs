// A feed of server-sent events for the open pages. It consists of named parts, each sent when it changes.
// A page that connects gets all parts first, and then the part "current", so a page that lost its
// connection misses nothing. The caller defines the other parts.

/** Creates a feed. `onWatched` is called whenever a page connects. */
export function createFeed({ onWatched = () => {} } = {}) {
  const parts = new Map();
  const watchers = new Set();
  const line = (name, text) => `data: {"part":${JSON.stringify(name)},"value":${text}}\n\n`;

  return {
    /** How many pages are open. */
    watchers: () => watchers.size,
    /** Sends a part to all pages, if it has changed. */
    publish(name, value) {
      const text = JSON.stringify(value);
      if (parts.get(name) === text) return;
      parts.set(name, text);
      for (const watcher of watchers) watcher.write(line(name, text));
    },
    /** Removes a part for pages that connect from now on. */
    forget: (name) => parts.delete(name),
    /** Responds to a request with the feed, until the client disconnects. */
    join(response) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const [name, text] of parts) response.write(line(name, text));
      response.write(line("current", "true"));
      watchers.add(response);
      response.on("close", () => watchers.delete(response));
      onWatched();
    },
    /** Ends all connections. */
    close() {
      for (const watcher of watchers) watcher.end();
    },
  };
}
