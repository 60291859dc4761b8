/* Which event is meant by a time, and which come before and after it. */
import { get } from '../api/client.ts';
import type { EventItem } from '../api/types.ts';
import type { Selection } from '../routing/url.ts';
import type { DayBounds } from '../time/zone.ts';

type Range = { from?: number; to?: number; sort: 'time' | '-time' };

async function first(selection: Selection, range: Range, signal?: AbortSignal) {
  const answer = await get(
    '/api/v1/events',
    {
      camera: selection.camera ? [selection.camera] : undefined,
      from: range.from === undefined ? undefined : String(range.from),
      to: range.to === undefined ? undefined : String(range.to),
      dwell: selection.dwell ?? undefined,
      window: selection.windows,
      kind: selection.kinds,
      weekday: selection.weekdays,
      hours: selection.hours ?? undefined,
      sort: range.sort,
      limit: 1,
    },
    signal,
  );
  return { event: answer.events[0] ?? null, total: answer.total };
}

/** The event a time lies in; else the next one after it; else the last before it. */
export async function eventAt(
  selection: Selection,
  at: number | null,
  signal?: AbortSignal,
): Promise<EventItem | null> {
  if (at === null) return (await first(selection, { sort: '-time' }, signal)).event;
  const after = await first(selection, { from: at, sort: 'time' }, signal);
  return after.event ?? (await first(selection, { to: at, sort: '-time' }, signal)).event;
}

export async function eventAfter(selection: Selection, event: EventItem, signal?: AbortSignal) {
  const from = Date.parse(event.end) + 1;
  return (await first(selection, { from, sort: 'time' }, signal)).event;
}

export async function eventBefore(selection: Selection, event: EventItem, signal?: AbortSignal) {
  const to = Date.parse(event.start) - 1;
  return (await first(selection, { to, sort: '-time' }, signal)).event;
}

/** The how-manieth of its day an event is. */
export async function ordinalOf(
  selection: Selection,
  event: EventItem,
  day: DayBounds,
  signal?: AbortSignal,
): Promise<{ n: number; total: number }> {
  const from = day.start;
  const [upTo, all] = await Promise.all([
    first(selection, { from, to: Date.parse(event.start), sort: 'time' }, signal),
    first(selection, { from, to: day.end - 1, sort: 'time' }, signal),
  ]);
  return { n: upTo.total, total: all.total };
}
