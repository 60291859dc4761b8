/* Whether an event fits a filter, as the server decides it: for what arrives live. */
import type { EventItem } from '../api/types.ts';
import { WEEKDAYS, type Filter } from '../routing/url.ts';
import { localTime } from '../time/zone.ts';

const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

export function inHours(hours: string, minute: number): boolean {
  const from = minutes(hours.slice(0, 5));
  const to = minutes(hours.slice(6));
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** As the API takes it. */
export function filterQuery(filter: Filter) {
  const { dwell, windows, kinds, weekdays, hours } = filter;
  const flag = (value: boolean | null) =>
    value === null ? undefined : value ? ('true' as const) : ('false' as const);
  return {
    dwell: dwell ?? undefined,
    window: windows,
    kind: kinds,
    weekday: weekdays,
    hours: hours ?? undefined,
    reviewed: flag(filter.reviewed),
    pinned: flag(filter.pinned),
    noted: flag(filter.noted),
  };
}

/** Whether what was said of an event is what is asked for. */
export function saidFits(
  event: Pick<EventItem, 'reviewed' | 'pinned' | 'notes'>,
  filter: Filter,
): boolean {
  const is = (wish: boolean | null, has: boolean) => wish === null || wish === has;
  return (
    is(filter.reviewed, event.reviewed) &&
    is(filter.pinned, event.pinned) &&
    is(filter.noted, event.notes.length > 0)
  );
}

export function fits(
  event: Pick<EventItem, 'start' | 'windows' | 'kinds' | 'reviewed' | 'pinned' | 'notes'>,
  filter: Filter,
  zone: string,
): boolean {
  const { windows, kinds, weekdays, hours } = filter;
  if (!saidFits(event, filter)) return false;
  if (windows.length > 0 && !event.windows.some((window) => windows.includes(window))) return false;
  if (kinds.length > 0 && !event.kinds.some((kind) => kinds.includes(kind))) return false;
  if (weekdays.length === 0 && hours === null) return true;
  const local = localTime(Date.parse(event.start), zone);
  const day = (new Date(`${local.date}T00:00:00Z`).getUTCDay() + 6) % 7;
  if (weekdays.length > 0 && !weekdays.includes(WEEKDAYS[day] ?? 'mon')) return false;
  return hours === null || inHours(hours, local.hour * 60 + local.minute);
}
