// A Workers KV in the memory of the isolate, in the place of miniflare's, which stores each write in a
// file and takes more processor time for it than any Worker here for an event. It keeps values and
// metadata as long as the isolate lives, and leaves out listing and expiry. miniflare binds it as it is
// ("wrapped binding"), so it imports nothing.

const entries = new Map();

const valueOf = (entry, type) => {
  if (!entry) return null;
  return (type?.type ?? type) === "json" ? JSON.parse(entry.value) : entry.value;
};

const namespace = {
  get: async (key, type) => valueOf(entries.get(key), type),
  getWithMetadata: async (key, type) => {
    const entry = entries.get(key);
    return { value: valueOf(entry, type), metadata: entry?.metadata ?? null, cacheStatus: null };
  },
  put: async (key, value, { metadata = null } = {}) => void entries.set(key, { value, metadata }),
  delete: async (key) => void entries.delete(key),
};

export default () => namespace;
