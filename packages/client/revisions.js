// The newest document of each key that was seen. Workers KV may answer with an older one, even after a
// newer one: those are ignored. How many are kept is bounded.

const MAX_KEPT = 1_000;

export class Revisions {
  #seen = new Map();

  /** The newer one of this document and the one seen last. Null is not compared: it has no revision. */
  newest(key, document) {
    const seen = this.#seen.get(key);
    return this.keep(
      key,
      document !== null && seen?.revision > document.revision ? seen : document,
    );
  }

  /** Keeps a document, whatever was seen before. */
  keep(key, document) {
    this.#seen.delete(key);
    if (document !== null) this.#seen.set(key, document);
    if (this.#seen.size > MAX_KEPT) this.#seen.delete(this.#seen.keys().next().value);
    return document;
  }
}
