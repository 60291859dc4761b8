/* How times, lengths and sizes read. Zones are names the browser knows (knownZone). */
import { localTime } from './zone.ts';

const two = (n: number) => String(n).padStart(2, '0');

/** 14:08:20, or 14:08:20.529 */
export function clockTime(ms: number, zone: string, milliseconds = false): string {
  const t = localTime(ms, zone);
  const base = `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
  return milliseconds ? `${base}.${String(t.millisecond).padStart(3, '0')}` : base;
}

/** 14:08 */
export function shortTime(ms: number, zone: string): string {
  const t = localTime(ms, zone);
  return `${two(t.hour)}:${two(t.minute)}`;
}

/* Making a format costs a hundred times what using it does. */
const english = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const longDates = english({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const shortDates = english({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
const daysOfYear = english({ weekday: 'short', day: 'numeric', month: 'short' });
const months = {
  long: english({ month: 'long', year: 'numeric' }),
  short: english({ month: 'short' }),
};

/** Friday, 23 May 2014; of a date, whatever the zone. */
export function longDate(date: string): string {
  return longDates.format(Date.parse(`${date}T00:00:00Z`));
}

/** Fri 23 May 2014; Fri 23 May beside a date of the same year. */
export function shortDate(date: string, beside?: string): string {
  const dates = date.slice(0, 4) === beside?.slice(0, 4) ? daysOfYear : shortDates;
  return dates.format(Date.parse(`${date}T00:00:00Z`)).replace(',', '');
}

/** May 2014 of "2014-05", or May */
export function monthName(month: string, form: 'long' | 'short' = 'long'): string {
  return months[form].format(Date.parse(`${month}-01T00:00:00Z`));
}

const zoneNames = new Map<string, Intl.DateTimeFormat>();

/** CDT, GMT+2 ...: what the zone is called at that instant. */
export function zoneName(ms: number, zone: string): string {
  let format = zoneNames.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });
    zoneNames.set(zone, format);
  }
  const parts = format.formatToParts(ms);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** 0.8 s, 12 s, 3 min 04 s, 2 h 05 min */
export function length(seconds: number): string {
  if (seconds < 10) return `${Math.floor(seconds * 10) / 10} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(Math.floor(seconds % 60))} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** 5 seconds ago, yesterday, 12 years ago */
export function ago(ms: number, now: number): string {
  const seconds = (ms - now) / 1000;
  if (Math.abs(seconds) < 2) return 'now';
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'now';
}

const grouped = new Intl.NumberFormat('en-GB');
export function count(n: number): string {
  return grouped.format(n);
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}
