// React hooks for what changes outside of the page: the console's feed, the colour scheme, and unread
// items.

import {
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

const MAX_MESSAGES = 200;
const RETRY_MS = 2_000;
const INITIAL = { connection: "connecting", run: undefined, isCurrent: false, messages: [] };

/**
 * The state from the console's feed: `{ connection, run, isCurrent, messages, events, testbed, backend,
 * trouble }`. `connection` is "connecting", "open" or "lost", and `isCurrent` says whether everything
 * that is known has arrived at least once.
 */
export function useFeed() {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  useEffect(() => {
    let feed;
    let retry;
    const connect = () => {
      feed = new EventSource("/live");
      feed.onopen = () => dispatch({ part: "open" });
      feed.onmessage = ({ data }) => dispatch(JSON.parse(data));
      feed.onerror = () => {
        dispatch({ part: "lost" });
        // Some browsers retry only some errors themselves.
        if (feed.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
      };
    };
    connect();
    return () => {
      clearTimeout(retry);
      feed.close();
    };
  }, []);
  return state;
}

function reduce(state, { part, value }) {
  if (part === "open") return { ...state, connection: "open" };
  if (part === "lost") return { ...state, connection: "lost", lostAt: state.lostAt ?? Date.now() };
  if (part === "current") return { ...state, isCurrent: true, lostAt: undefined };
  // After a reconnect the feed sends everything again. Another run knows nothing of the last one.
  if (part === "run")
    return value === state.run ? state : { ...INITIAL, connection: "open", run: value };
  if (!part.startsWith("message:")) return { ...state, [part]: value };
  if (value.id <= (state.messages.at(-1)?.id ?? 0)) return state;
  return { ...state, messages: [...state.messages, value].slice(-MAX_MESSAGES) };
}

const onChange = (query) => (changed) => {
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
};

const scheme = matchMedia("(prefers-color-scheme: dark)");
const onSchemeChange = onChange(scheme);

/** "light" or "dark", as set in the user's system. */
export const useTheme = () =>
  useSyncExternalStore(onSchemeChange, () => (scheme.matches ? "dark" : "light"));

// As in layout.css.
const narrow = matchMedia("(max-width: 1099px)");
const onNarrowChange = onChange(narrow);

/** Whether only one panel has room. */
export const useNarrow = () => useSyncExternalStore(onNarrowChange, () => narrow.matches);

/**
 * The id of the last message that was read, 0 if none was: while `isRead`, it is the last one. When the
 * page is opened, all that is there is read.
 */
export function useLastRead({ messages, run, isCurrent }, isRead) {
  const last = messages.at(-1)?.id ?? 0;
  const [read, setRead] = useState({ run, id: 0 });
  const isOpening = !isCurrent || read.run !== run;
  useEffect(() => {
    if ((isRead || isOpening) && (read.id !== last || read.run !== run)) setRead({ run, id: last });
  }, [isOpening, isRead, last, read, run]);
  return isOpening ? last : read.id;
}

// The user has scrolled back if the end is further away than this.
const NEAR_THE_END_PX = 40;

/**
 * Keeps a box scrolled to its end, whatever changes in it, until the user scrolls back:
 * `{ box, isAtEnd, goToEnd }`. `box` is the ref of an element whose only child has the content, which
 * shows these items.
 */
export function useFollowedEnd(items) {
  const box = useRef(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const goToEnd = () => {
    setAtEnd(true);
    box.current.scrollTop = box.current.scrollHeight;
  };
  useFollowing(box, isAtEnd, setAtEnd);
  // When an item replaces an old one, the size may stay the same.
  useLayoutEffect(() => {
    if (isAtEnd) box.current.scrollTop = box.current.scrollHeight;
  }, [isAtEnd, items]);
  return { box, isAtEnd, goToEnd };
}

function useFollowing(box, isAtEnd, setAtEnd) {
  const follows = useRef(isAtEnd);
  follows.current = isAtEnd;
  useEffect(() => {
    const { current } = box;
    let top = current.scrollTop;
    const isShown = () => current.clientHeight > 0;
    const follow = () => {
      if (!isShown()) return;
      // A box that was hidden has lost its position.
      if (follows.current) current.scrollTop = current.scrollHeight;
      else if (current.scrollTop === 0) current.scrollTop = top;
      top = current.scrollTop;
    };
    const look = () => {
      if (!isShown()) return;
      const below = current.scrollHeight - current.scrollTop - current.clientHeight;
      const isBack = current.scrollTop < top && below >= NEAR_THE_END_PX;
      top = current.scrollTop;
      // Content that grew moves the end away, but does not scroll back.
      if (isBack) setAtEnd(false);
      else if (below < NEAR_THE_END_PX) setAtEnd(true);
    };
    current.addEventListener("scroll", look, { passive: true });
    const size = new ResizeObserver(follow);
    for (const changing of [current, ...current.children]) size.observe(changing);
    return () => {
      current.removeEventListener("scroll", look);
      size.disconnect();
    };
  }, [box, setAtEnd]);
}
