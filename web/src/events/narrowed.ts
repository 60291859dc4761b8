/* What narrows a list of events, in words, each with the way back. Pure. */
import { WEEKDAYS, type EventsRoute } from '../routing/url.ts';
import { t } from '../strings/en.ts';
import { m } from '../strings/marks.ts';

export interface Narrowing {
  text: string;
  without: EventsRoute;
}

/** All but the cameras, the days and "not reviewed", which are in sight anyway. */
export function narrowings(route: EventsRoute): Narrowing[] {
  const { windows, hours, weekdays, kinds, reviewed, pinned, noted, dwell } = route;
  const list: Narrowing[] = [];
  const add = (text: string, change: Partial<EventsRoute>) =>
    list.push({ text, without: { ...route, ...change } });
  if (windows.length > 0) add(t.browse.inWindows(windows), { windows: [] });
  if (hours) add(t.browse.between(hours), { hours: null });
  if (weekdays.length > 0) {
    const days = WEEKDAYS.filter((day) => weekdays.includes(day));
    add(days.map((day) => t.weekdays[day].short).join(', '), { weekdays: [] });
  }
  if (kinds.length > 0) add(kinds.map(t.kind).join(', '), { kinds: [] });
  if (reviewed) add(m.reviewed, { reviewed: null });
  if (pinned !== null) add(pinned ? m.pinned : m.notPinned, { pinned: null });
  if (noted !== null) add(noted ? m.noted : m.notNoted, { noted: null });
  if (dwell !== null) add(t.browse.gap(dwell), { dwell: null });
  return list;
}
