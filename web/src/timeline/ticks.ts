/* The marks of a time axis in a zone, right across changes of the clock. */
import { daysOf } from '../calendar/month.ts';
import { addDays, localDate, offsets } from '../time/zone.ts';
import { lengthOf, type View } from './view.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/* Each divides a day, so that it fits local midnight. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];
type Step = number | 'day' | 'two days' | 'week' | 'month';
const ALL: [Step, number][] = [
  ...STEPS.map((step): [Step, number] => [step, step]),
  ['day', DAY],
  ['two days', 2 * DAY],
  ['week', 7 * DAY],
  ['month', 28 * DAY],
];

export interface Tick {
  at: number;
  label: string /* empty: a small mark between others */;
  /** A day begins. */
  strong: boolean;
}

/** The smallest step of which each takes at least so many pixels. */
export function stepFor(view: View, width: number, apart: number): Step {
  const least = (lengthOf(view) / Math.max(1, width)) * apart;
  return ALL.find(([, length]) => length >= least)?.[0] ?? 'month';
}

const two = (n: number) => String(n).padStart(2, '0');

/* `local` is the clock's reading as if it were UTC. */
function clock(local: number, step: number): string {
  const at = new Date(local);
  const minutes = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return step < MINUTE ? `${minutes}:${two(at.getUTCSeconds())}` : minutes;
}

const formats = {
  day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', timeZone: 'UTC' }),
  date: new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  }),
  week: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  month: new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' }),
};
const named = (date: string, form: keyof typeof formats) =>
  formats[form].format(Date.parse(`${date}T00:00:00Z`)).replace(',', '');

/** Instants at which the clock shows a multiple of the step. */
export function clockTicks(view: View, zone: string, step: number): Tick[] {
  const ticks: Tick[] = [];
  for (const { from, to, offset } of offsets(view.from, view.to, zone)) {
    for (let local = Math.ceil((from + offset) / step) * step; local - offset < to; local += step) {
      ticks.push({ at: local - offset, label: clock(local, step), strong: false });
    }
  }
  return ticks;
}

function dayTicks(view: View, zone: string, step: Step): Tick[] {
  const first = localDate(view.from, zone);
  const days = daysOf(first, addDays(localDate(view.to, zone), 1), zone);
  const fits = (date: string) =>
    step === 'day' ||
    (step === 'two days' && (Date.parse(`${date}T00:00:00Z`) / DAY) % 2 === 0) ||
    (step === 'week' && new Date(`${date}T00:00:00Z`).getUTCDay() === 1) ||
    (step === 'month' && date.endsWith('-01'));
  return days
    .filter(({ date, start, end }) => fits(date) && end > start && start >= view.from)
    .map(({ date, start }) => {
      const form = step === 'week' || step === 'month' ? step : 'day';
      const label = date.endsWith('-01') ? named(date, form === 'day' ? 'date' : form) : '';
      return { at: start, label: label || named(date, form), strong: date.endsWith('-01') };
    });
}

const LABEL_PX = 74;
const SMALL_PX = 9;

/** Labelled marks, and between them small ones without a label; in order of time. */
export function ticksOf(view: View, width: number, zone: string): Tick[] {
  const step = stepFor(view, width, LABEL_PX);
  const small = stepFor(view, width, SMALL_PX);
  const ticks = new Map<number, Tick>();
  for (const tick of typeof small === 'number'
    ? clockTicks(view, zone, small)
    : dayTicks(view, zone, small)) {
    ticks.set(tick.at, { ...tick, label: '', strong: false });
  }
  if (typeof step === 'number') {
    for (const tick of clockTicks(view, zone, step)) ticks.set(tick.at, tick);
    /* The day begins where it does, be it at 01:00. */
    for (const { date, start } of daysOf(
      localDate(view.from, zone),
      addDays(localDate(view.to, zone), 1),
      zone,
    )) {
      if (start < view.from || start >= view.to) continue;
      ticks.set(start, { at: start, label: named(date, 'date'), strong: true });
    }
  } else for (const tick of dayTicks(view, zone, step)) ticks.set(tick.at, tick);
  return [...ticks.values()].sort((a, b) => a.at - b.at);
}
