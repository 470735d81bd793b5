// A peer of the benchmark: the minimum that a Worker can do with a delivery, which is to read the body
// and to respond. Its cost is that of the runtime, which all others have too.
//
// Guarantees: none. It verifies nothing, stores nothing and notifies no one.

export default {
  async fetch(request: Request): Promise<Response> {
    await request.arrayBuffer();
    return Response.json({ outcome: "ignored" }, { headers: { "cache-control": "no-store" } });
  },
} satisfies ExportedHandler;
