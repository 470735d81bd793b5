// React hooks for what changes outside of the page: the console's feed, the colour scheme, and unread
// items.

import { useEffect, useReducer, useState, useSyncExternalStore } from "react";

const MAX_MESSAGES = 200;
const INITIAL = { isConnected: false, messages: [] };

/** The state from the console's feed: `{ isConnected, messages, events, testbed, backend, trouble }`. */
export function useFeed() {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  useEffect(() => {
    const feed = new EventSource("/live");
    // After a reconnect the feed sends everything again.
    feed.onopen = () => dispatch({ part: "connected" });
    feed.onerror = () => dispatch({ part: "lost" });
    feed.onmessage = ({ data }) => dispatch(JSON.parse(data));
    return () => feed.close();
  }, []);
  return state;
}

function reduce(state, { part, value }) {
  if (part === "connected") return { ...state, isConnected: true, messages: [] };
  if (part === "lost") return { ...state, isConnected: false };
  if (!part.startsWith("message:")) return { ...state, [part]: value };
  return { ...state, messages: [...state.messages, value].slice(-MAX_MESSAGES) };
}

const scheme = matchMedia("(prefers-color-scheme: dark)");
const onScheme = (changed) => {
  scheme.addEventListener("change", changed);
  return () => scheme.removeEventListener("change", changed);
};

/** "light" or "dark", as set in the user's system. */
export const useTheme = () =>
  useSyncExternalStore(onScheme, () => (scheme.matches ? "dark" : "light"));

/** The number of items that were added to a list while it was not shown. */
export function useUnseen(count, isShown) {
  const [seen, setSeen] = useState(count);
  useEffect(() => {
    if (isShown || count < seen) setSeen(count);
  }, [count, isShown, seen]);
  return isShown ? 0 : Math.max(0, count - seen);
}
