/* The events of a day as a list that grows by pages and by what happens now. */
import type { EventItem } from '../api/types.ts';
import type { Sort } from '../routing/url.ts';

const startOf = (event: EventItem) => Date.parse(event.start);
const endOf = (event: EventItem) => Date.parse(event.end);

function before(sort: Sort, a: EventItem, b: EventItem): boolean {
  const byTime = startOf(a) - startOf(b);
  if (sort === 'time') return byTime < 0;
  if (sort === '-time') return byTime > 0;
  const by = sort === '-duration' ? b.duration - a.duration : b.frames - a.frames;
  return by !== 0 ? by < 0 : byTime > 0;
}

/** A page behind the list; what is already there (it may have come live meanwhile) is not doubled. */
export function withPage(list: EventItem[], page: EventItem[]): EventItem[] {
  const known = new Set(list.map((event) => event.start));
  return [...list, ...page.filter((event) => !known.has(event.start))];
}

export interface Merged {
  list: EventItem[];
  added: number /* how the total changes, as far as the list can tell */;
}

/**
 * An event as it now stands. It takes the place of all it overlaps (late frames join events). In a
 * list that is not `complete` an event behind the last one is only counted: its page will bring it.
 */
export function withEvent(
  list: EventItem[],
  event: EventItem,
  sort: Sort,
  complete: boolean,
): Merged {
  const start = startOf(event);
  const end = endOf(event);
  const rest = list.filter((other) => endOf(other) < start || startOf(other) > end);
  let low = 0;
  let high = rest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(sort, rest[middle] as EventItem, event)) low = middle + 1;
    else high = middle;
  }
  const replaced = list.length - rest.length;
  if (low === rest.length && !complete && replaced === 0) {
    return { list, added: 0 };
  }
  return { list: [...rest.slice(0, low), event, ...rest.slice(low)], added: 1 - replaced };
}
