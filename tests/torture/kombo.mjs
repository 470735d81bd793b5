// Kombo in a torture run: decides which event is delivered next. An event that was not acknowledged is
// delivered again, one that was may be too, and each group of a sequence waits for the one before it.

/** How many sequences are in progress at a time, so that each of them spans several lives. */
const OPEN = 16;
/** How many of 100 deliveries repeat an acknowledged event. */
const REPEATED = 15;

export class Kombo {
  /** `sequences` come from sequences.mjs. */
  constructor(sequences, random) {
    this.random = random;
    this.left = [...sequences];
    this.open = [];
    /** All events that were answered 200, oldest first. */
    this.acknowledged = [];
    this.unanswered = 0;
  }

  /** The next delivery: `{ event, outcomes }`, with the correct outcomes; undefined if none is ready. */
  next() {
    const repeats = this.acknowledged.length > 0 && this.random.happens(REPEATED);
    if (repeats) return this.repetitionOf(this.random.oneOf(this.acknowledged));
    while (this.open.length < OPEN && this.left.length > 0) this.begin(this.left.shift());
    const ready = this.open.filter(({ waiting }) => waiting.length > 0);
    if (ready.length === 0) return undefined;
    const sequence = this.random.oneOf(ready);
    const event = sequence.waiting.shift();
    sequence.inProgress += 1;
    const first = event.type === "data-changed" ? ["ignored"] : ["accepted"];
    // If the response was lost, the event may have been stored.
    const outcomes = sequence.lost.has(event) ? [...first, "duplicate"] : first;
    return { event, outcomes, sequence };
  }

  /** An acknowledged event, again. */
  repetitionOf(event) {
    return { event, outcomes: event.type === "data-changed" ? ["ignored"] : ["duplicate"] };
  }

  begin({ groups }) {
    const [first, ...later] = groups;
    const waiting = this.random.shuffled(first);
    this.open.push({ waiting, later, inProgress: 0, lost: new Set() });
  }

  /** A delivery was answered 200. */
  answered({ event, sequence }) {
    if (!sequence) return;
    this.acknowledged.push(event);
    sequence.inProgress -= 1;
    if (sequence.waiting.length > 0 || sequence.inProgress > 0) return;
    this.open.splice(this.open.indexOf(sequence), 1);
    if (sequence.later.length > 0) this.begin({ groups: sequence.later });
  }

  /** A delivery got no response. */
  lost({ event, sequence }) {
    this.unanswered += 1;
    if (!sequence) return;
    sequence.inProgress -= 1;
    sequence.lost.add(event);
    sequence.waiting.push(event);
  }

  get isDone() {
    return this.left.length === 0 && this.open.length === 0;
  }
}
