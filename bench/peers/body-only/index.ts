// A peer of the benchmark: the least that a Worker can do with a delivery, which is to read the body
// and to answer. It is the floor under all others: what it costs is the runtime, not the work.
//
// Guarantees: none. It verifies nothing, stores nothing and tells nobody.

export default {
  async fetch(request: Request): Promise<Response> {
    await request.arrayBuffer();
    return Response.json({ outcome: "ignored" }, { headers: { "cache-control": "no-store" } });
  },
} satisfies ExportedHandler;
