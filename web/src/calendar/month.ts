/* Months and years as days, and the activity of a long stretch laid out on its days. */
import type { Bucket } from './activity.ts';
import { addDays, dayBounds, localDate, type DayBounds } from '../time/zone.ts';

const DAY = 86_400_000;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

export interface Day extends DayBounds {
  date: string;
}

export function addMonths(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const at = year * 12 + number - 1 + by;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
}

/** The days from a date up to, not including, another. Most days begin 24 hours after the one
 * before: only those that do not are searched for. */
export function daysOf(first: string, behind: string, zone: string): Day[] {
  const days: Day[] = [];
  let start = dayBounds(first, zone).start;
  for (let date = first; date < behind;) {
    const next = addDays(date, 1);
    const guess = start + DAY;
    const usual = localDate(guess, zone) === next && localDate(guess - 1, zone) === date;
    const end = usual ? guess : dayBounds(date, zone).end;
    days.push({ date, start, end });
    start = end;
    date = next;
  }
  return days;
}

export function monthDays(month: string, zone: string): Day[] {
  return daysOf(`${month}-01`, `${addMonths(month, 1)}-01`, zone);
}

export function yearDays(year: string, zone: string): Day[] {
  return daysOf(`${year}-01-01`, `${String(Number(year) + 1).padStart(4, '0')}-01-01`, zone);
}

/** Monday is 0. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** Stretches in which buckets of 24 hours begin where days do: each ends with a day of another
 * length, or with the last. */
export function evenStretches(days: Day[]): DayBounds[] {
  const stretches: DayBounds[] = [];
  let start: number | null = null;
  days.forEach((day, i) => {
    start ??= day.start;
    if (day.end - day.start === DAY && i < days.length - 1) return;
    if (day.end > start) stretches.push({ start, end: day.end });
    start = null;
  });
  return stretches;
}

/** Where a key leads from a day of a year laid out with a column a week; null: nowhere else. */
export function stepInYear(days: Day[], from: number, key: string): number | null {
  const by = { ArrowRight: 7, ArrowLeft: -7, ArrowDown: 1, ArrowUp: -1 }[key];
  const month = (i: number) => days[i]?.date.slice(0, 7);
  let to = by === undefined ? from : from + by;
  if (key === 'Home') to = 0;
  else if (key === 'End') to = days.length - 1;
  else if (key === 'PageDown') {
    while (to < days.length && month(to) === month(from)) to++;
  } else if (key === 'PageUp') {
    while (to >= 0 && month(to) === month(from)) to--;
    /* its first day, not its last */
    while (to > 0 && month(to - 1) === month(to)) to--;
  }
  return to !== from && to >= 0 && to < days.length ? to : null;
}

/** Which day of the list an instant is in; -1: none. */
export function dayIndex(days: Day[], ms: number): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] as Day).end <= ms) low = middle + 1;
    else high = middle;
  }
  const day = days[low];
  return day && day.start <= ms ? low : -1;
}

export interface Count {
  frames: number;
  motion: number;
}

export const noCount: Count = { frames: 0, motion: 0 };

/** Of each day its buckets. */
export function byDay(days: Day[], buckets: Iterable<Bucket>): Bucket[][] {
  const lists: Bucket[][] = days.map(() => []);
  for (const bucket of buckets) lists[dayIndex(days, bucket.start)]?.push(bucket);
  return lists;
}

export function countOf(buckets: Bucket[]): Count {
  let frames = 0;
  let motion = 0;
  for (const bucket of buckets) {
    frames += bucket.frames;
    motion += bucket.motion;
  }
  return { frames, motion };
}

/** Tone of a square: 0 for nothing, 1 for frames without motion, 2 to 5 for more and more motion. */
export function tone(count: Count, most: number): number {
  if (count.frames === 0) return 0;
  if (count.motion === 0) return 1;
  return 2 + Math.min(3, Math.floor(Math.sqrt(count.motion / most) * 4));
}
