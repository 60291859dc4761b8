/*
 * Days and times of day in a camera's zone. A day begins at the first instant whose local date is
 * that day's, so days of 23 and 25 hours, days that begin at 01:00 and days that do not exist come
 * out right. Instants are milliseconds since 1970 UTC; dates are "YYYY-MM-DD".
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** The zone itself when the browser knows it, else UTC: a camera with an odd zone is still shown. */
export function knownZone(zone: string): string {
  try {
    dateFormat(zone);
    return zone;
  } catch {
    return 'UTC';
  }
}

export interface LocalTime {
  date: string;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

export function localTime(ms: number, zone: string): LocalTime {
  const parts: Record<string, string> = {};
  for (const part of dateFormat(zone).formatToParts(ms)) parts[part.type] = part.value;
  return {
    date: `${(parts['year'] ?? '').padStart(4, '0')}-${parts['month']}-${parts['day']}`,
    hour: Number(parts['hour']),
    minute: Number(parts['minute']),
    second: Number(parts['second']),
    millisecond: ((ms % 1000) + 1000) % 1000,
  };
}

export function localDate(ms: number, zone: string): string {
  return localTime(ms, zone).date;
}

/** True for a date of the calendar: "2014-02-30" is none. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** What has to be added to an instant to get the clock's reading as if it were UTC. */
export function offsetAt(ms: number, zone: string): number {
  const t = localTime(ms, zone);
  const reading =
    Date.parse(`${t.date}T00:00:00Z`) + ((t.hour * 60 + t.minute) * 60 + t.second) * 1000;
  return reading - Math.floor(ms / 1000) * 1000;
}

export interface Offset {
  from: number;
  to: number;
  offset: number;
}

/** A stretch cut where the clock changes. Two changes within three days would not be seen. */
export function offsets(from: number, to: number, zone: string): Offset[] {
  const parts: Offset[] = [];
  let start = from;
  let offset = offsetAt(from, zone);
  for (let at = from; at < to;) {
    const next = Math.min(to, at + 3 * DAY);
    const after = offsetAt(next, zone);
    if (after !== offset) {
      let before = Math.floor(at);
      let behind = Math.ceil(next);
      while (behind - before > 1) {
        const middle = Math.floor((before + behind) / 2);
        if (offsetAt(middle, zone) === offset) before = middle;
        else behind = middle;
      }
      parts.push({ from: start, to: behind, offset });
      start = behind;
      offset = after;
    }
    at = next;
  }
  parts.push({ from: start, to, offset });
  return parts.filter((part) => part.to > part.from);
}

/* The first instant at which the local date is `date` or later. */
function startOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  let before = midnight - 15 * HOUR; /* no zone is further than 14 hours from UTC ... */
  let after = midnight + 25 * HOUR; /* ... and one that skips a day jumps by 24 */
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDate(middle, zone) >= date) after = middle;
    else before = middle;
  }
  return after;
}

export interface DayBounds {
  start: number;
  end: number /* exclusive; equal to start for a day the zone left out */;
}

export function dayBounds(date: string, zone: string): DayBounds {
  return { start: startOfDay(date, zone), end: startOfDay(addDays(date, 1), zone) };
}

/** From the first to the last of some days, both ends within; null: no end. Of a day the zone left
 * out, the instant at which it would have been. */
export function daysBounds(from: string | null, to: string | null, zone: string) {
  const start = from === null ? null : dayBounds(from, zone).start;
  if (to === null) return { from: start, to: null };
  const last = dayBounds(to, zone);
  return { from: start, to: Math.max(last.start, last.end - 1) };
}

/** Whole hours of a day with where they begin: 23, 24 or 25 of them. */
export function hoursOfDay(bounds: DayBounds, zone: string): { hour: number; start: number }[] {
  const hours: { hour: number; start: number }[] = [];
  for (let at = bounds.start; at < bounds.end; at += HOUR) {
    hours.push({ hour: localTime(at, zone).hour, start: at });
  }
  return hours;
}
