/* The last lists looked at, so that coming back from the player shows them as they were left. */
import { EventPages, type EventQuery } from './events.svelte.ts';

const kept = new Map<string, { events: EventPages; scroll: number }>();
const KEPT_MOST = 4;

/** The list for a query (as JSON), as it was left or new. `scrolls`: to where the page was then. */
export function openList(key: string, scrolls = true): EventPages {
  const old = kept.get(key);
  const events = old?.events ?? new EventPages(JSON.parse(key) as EventQuery);
  if (old) {
    if (scrolls) requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, old.scroll)));
    void events.refresh();
  } else events.need(1);
  return events;
}

/** The list for a query to look something up in it; it stays as it is when it is there. */
export function listFor(key: string): EventPages {
  const old = kept.get(key);
  if (old) return old.events;
  const events = new EventPages(JSON.parse(key) as EventQuery);
  keepList(key, events, 0);
  return events;
}

export function keepList(key: string, events: EventPages, scroll: number): void {
  kept.delete(key);
  kept.set(key, { events, scroll });
  for (const [oldest, { events: stale }] of kept) {
    if (kept.size <= KEPT_MOST) break;
    stale.stop();
    kept.delete(oldest);
  }
}
