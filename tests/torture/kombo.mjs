// Kombo in a torture: which event is delivered next. What was not acknowledged is delivered again,
// what was may be too, and a customer's later events wait for the earlier ones where its story says so.

/** Stories under way at a time, so that the events of one are spread over several lives. */
const OPEN = 16;
/** Of 100 deliveries, those that repeat what was acknowledged. */
const REPEATED = 15;

export class Kombo {
  /** `stories` as stories.mjs makes them. */
  constructor(stories, choices) {
    this.choices = choices;
    this.left = [...stories];
    this.open = [];
    /** All events that were answered 200, oldest first. */
    this.acknowledged = [];
    this.unanswered = 0;
  }

  /** The next delivery: `{ event, outcomes }`, its right answers; undefined when all is under way. */
  next() {
    const repeats = this.acknowledged.length > 0 && this.choices.happens(REPEATED);
    if (repeats) return this.repetitionOf(this.choices.oneOf(this.acknowledged));
    while (this.open.length < OPEN && this.left.length > 0) this.begin(this.left.shift());
    const ready = this.open.filter(({ waiting }) => waiting.length > 0);
    if (ready.length === 0) return undefined;
    const story = this.choices.oneOf(ready);
    const event = story.waiting.shift();
    story.underWay += 1;
    const first = event.type === "data-changed" ? ["ignored"] : ["accepted"];
    // An answer that was lost may have been given.
    const outcomes = story.lost.has(event) ? [...first, "duplicate"] : first;
    return { event, outcomes, story };
  }

  /** An event that was acknowledged, once more. */
  repetitionOf(event) {
    return { event, outcomes: event.type === "data-changed" ? ["ignored"] : ["duplicate"] };
  }

  begin({ groups }) {
    const [first, ...later] = groups;
    const waiting = this.choices.shuffled(first);
    this.open.push({ waiting, later, underWay: 0, lost: new Set() });
  }

  /** A delivery was answered 200. */
  answered({ event, story }) {
    if (!story) return;
    this.acknowledged.push(event);
    story.underWay -= 1;
    if (story.waiting.length > 0 || story.underWay > 0) return;
    this.open.splice(this.open.indexOf(story), 1);
    if (story.later.length > 0) this.begin({ groups: story.later });
  }

  /** A delivery got no answer. */
  lost({ event, story }) {
    this.unanswered += 1;
    if (!story) return;
    story.underWay -= 1;
    story.lost.add(event);
    story.waiting.push(event);
  }

  get isDone() {
    return this.left.length === 0 && this.open.length === 0;
  }
}
