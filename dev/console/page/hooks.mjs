// Hooks by which the page follows what changes outside of it: the console's feed, and how the reader
// wants to see things.

import { useEffect, useReducer, useState, useSyncExternalStore } from "react";

const MAX_MESSAGES = 200;
const NOTHING = { isConnected: false, messages: [] };

/** What the console tells: `{ isConnected, messages, events, testbed, backend }`. */
export function useFeed() {
  const [told, tell] = useReducer(heard, NOTHING);
  useEffect(() => {
    const feed = new EventSource("/live");
    // Whoever connects again is told everything again.
    feed.onopen = () => tell({ part: "connected" });
    feed.onerror = () => tell({ part: "lost" });
    feed.onmessage = ({ data }) => tell(JSON.parse(data));
    return () => feed.close();
  }, []);
  return told;
}

function heard(told, { part, value }) {
  if (part === "connected") return { ...told, isConnected: true, messages: [] };
  if (part === "lost") return { ...told, isConnected: false };
  if (!part.startsWith("message:")) return { ...told, [part]: value };
  return { ...told, messages: [...told.messages, value].slice(-MAX_MESSAGES) };
}

const scheme = matchMedia("(prefers-color-scheme: dark)");
const onScheme = (changed) => {
  scheme.addEventListener("change", changed);
  return () => scheme.removeEventListener("change", changed);
};

/** "light" or "dark", as the reader's system has it. */
export const useTheme = () =>
  useSyncExternalStore(onScheme, () => (scheme.matches ? "dark" : "light"));

/** How many of a growing list came while the reader looked elsewhere. */
export function useUnseen(count, isShown) {
  const [seen, setSeen] = useState(count);
  useEffect(() => {
    if (isShown || count < seen) setSeen(count);
  }, [count, isShown, seen]);
  return isShown ? 0 : Math.max(0, count - seen);
}
