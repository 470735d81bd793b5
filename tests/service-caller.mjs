// A Worker that calls kombo-edge through its service bindings, for service-binding.test.mjs. It calls what
// the body of a request says: `{ binding, method, args }` directly, and with `client` through a client,
// which also gets the namespace if `kv` is true. It answers with `{ value }` or `{ error }`.

import { createClient } from "../packages/client/index.js";

const shown = ({ constructor, name, message, code }) => ({
  error: { type: constructor.name, name, message, code },
});

export default {
  async fetch(request, env) {
    const { binding, method, args = [], client, kv } = await request.json();
    const service = env[binding];
    const called = client ? createClient({ service, ...(kv && { kv: env.MAPPINGS }) }) : service;
    try {
      return Response.json({ value: await called[method](...args) });
    } catch (error) {
      return Response.json(shown(error));
    }
  },
};
