/* A list of events that grows by pages and by what happens now, in the order the server gives. */
import type { EventItem } from '../api/types.ts';
import type { EventSort } from '../routing/url.ts';

const startOf = (event: EventItem) => Date.parse(event.start);
const endOf = (event: EventItem) => Date.parse(event.end);
const NO_WINDOW = 65;

export const keyOf = (event: EventItem) => `${event.start} ${event.camera}`;

function valueOf(event: EventItem, sort: EventSort): number {
  if (sort.endsWith('duration')) return event.duration;
  if (sort.endsWith('frames')) return event.frames;
  if (sort === 'windows') return event.windows[0] ?? NO_WINDOW;
  if (sort === '-windows') return event.windows[0] ?? 0;
  return startOf(event);
}

function before(sort: EventSort, a: EventItem, b: EventItem): boolean {
  const by = valueOf(a, sort) - valueOf(b, sort) || startOf(a) - startOf(b);
  return sort.startsWith('-') ? by > 0 : by < 0;
}

/** Where an event is in a list, or would be if it were in it. */
export function placeOf(
  list: EventItem[],
  event: EventItem,
  sort: EventSort,
): { index: number; found: boolean } {
  const key = keyOf(event);
  const at = list.findIndex((other) => keyOf(other) === key);
  if (at >= 0) return { index: at, found: true };
  const behind = list.findIndex((other) => !before(sort, other, event));
  return { index: behind < 0 ? list.length : behind, found: false };
}

/** A page behind the list; what is already there (it may have come live meanwhile) is not doubled. */
export function withPage(list: EventItem[], page: EventItem[]): EventItem[] {
  const known = new Set(list.map(keyOf));
  return [...list, ...page.filter((event) => !known.has(keyOf(event)))];
}

export interface Merged {
  list: EventItem[];
  added: number /* how the total changes, as far as the list can tell */;
}

/**
 * An event as it now stands. It takes the place of all of its camera that it overlaps (late frames
 * join events). In a list that is not `complete` an event behind the last one is only counted: its
 * page will bring it.
 */
export function withEvent(
  list: EventItem[],
  event: EventItem,
  sort: EventSort,
  complete: boolean,
): Merged {
  const start = startOf(event);
  const end = endOf(event);
  const rest = list.filter(
    (other) => other.camera !== event.camera || endOf(other) < start || startOf(other) > end,
  );
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

/**
 * A stretch of a camera read anew: `fresh` takes the place of all events that touch it. In a list
 * that is not `complete` those behind the last one are left to their page.
 */
export function withStretch(
  list: EventItem[],
  stretch: { camera: string; from: number; to: number },
  fresh: EventItem[],
  sort: EventSort,
  complete: boolean,
): EventItem[] {
  const keys = new Set(fresh.map(keyOf));
  const rest = list.filter(
    (event) =>
      (event.camera !== stretch.camera ||
        endOf(event) < stretch.from ||
        startOf(event) > stretch.to) &&
      !keys.has(keyOf(event)),
  );
  const last = list[list.length - 1];
  const here = complete || !last ? fresh : fresh.filter((event) => !before(sort, last, event));
  return [...rest, ...here].sort((a, b) => (before(sort, a, b) ? -1 : before(sort, b, a) ? 1 : 0));
}
