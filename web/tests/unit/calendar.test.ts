import { describe, expect, test } from 'vitest';
import type { Bucket } from '../../src/calendar/activity.ts';
import {
  addMonths,
  byDay,
  countOf,
  dayIndex,
  daysOf,
  evenStretches,
  monthDays,
  stepInYear,
  tone,
  weekdayOf,
  yearDays,
} from '../../src/calendar/month.ts';
import { dayBounds } from '../../src/time/zone.ts';

const ZONES = ['America/Chicago', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
const DAY = 86_400_000;
const bucket = (start: number, frames: number, motion = 0): Bucket => ({
  start,
  frames,
  motion,
  windows: new Map(),
});

test('months go on over the ends of years', () => {
  expect(addMonths('2014-12', 1)).toBe('2015-01');
  expect(addMonths('2014-01', -1)).toBe('2013-12');
  expect(addMonths('2014-05', -12)).toBe('2013-05');
  for (let by = -30; by <= 30; by++)
    expect(addMonths(addMonths('2014-05', by), -by)).toBe('2014-05');
  expect(weekdayOf('2014-05-23')).toBe(4);
});

describe.each(ZONES)('in %s', (zone) => {
  const days = yearDays('2014', zone);

  test('each day of a year is as it is alone, and the next begins where it ends', () => {
    expect(days).toHaveLength(365);
    for (const day of days) expect(day).toMatchObject(dayBounds(day.date, zone));
  });

  test('stretches cover the year once, and their buckets of 24 hours begin in the day they are of', () => {
    const stretches = evenStretches(days);
    expect(stretches.length).toBeLessThanOrEqual(3);
    expect(stretches[0]?.start).toBe(days[0]?.start);
    expect(stretches.at(-1)?.end).toBe(days.at(-1)?.end);
    stretches.slice(1).forEach((one, i) => expect(one.start).toBe(stretches[i]?.end));
    const starts = stretches.flatMap(({ start, end }) =>
      Array.from({ length: Math.ceil((end - start) / DAY) }, (_, i) => start + i * DAY),
    );
    for (const day of days) expect(starts).toContain(day.start);
    expect(new Set(starts.map((start) => dayIndex(days, start))).size).toBe(365);
  });

  test('what happened is counted on its day', () => {
    const month = monthDays('2014-03', zone);
    const hours = month.flatMap((day, i) => {
      const list: Bucket[] = [];
      for (let at = day.start; at < day.end; at += 3_600_000) list.push(bucket(at, i + 1));
      return list;
    });
    byDay(month, hours).forEach((mine, i) => {
      const day = month[i];
      if (!day) throw new Error('no day');
      expect(countOf(mine).frames).toBe((i + 1) * Math.ceil((day.end - day.start) / 3_600_000));
    });
    expect(dayIndex(month, (month[0]?.start ?? 0) - 1)).toBe(-1);
    expect(dayIndex(month, month.at(-1)?.end ?? 0)).toBe(-1);
  });
});

test('a day that a zone left out is there, and empty', () => {
  const days = daysOf('2011-12-29', '2012-01-01', 'Pacific/Apia');
  expect(days.map((day) => (day.end - day.start) / 3_600_000)).toEqual([24, 0, 24]);
  expect(dayIndex(days, days[1]?.start ?? 0)).toBe(2);
});

test('tones grow with motion, and frames without motion have one of their own', () => {
  expect(tone({ frames: 0, motion: 0 }, 100)).toBe(0);
  expect(tone({ frames: 9, motion: 0 }, 100)).toBe(1);
  const tones = [1, 10, 30, 60, 100].map((motion) => tone({ frames: 200, motion }, 100));
  expect(tones).toEqual([...tones].sort());
  expect([tones[0], tones.at(-1)]).toEqual([2, 5]);
});

test('keys go through the squares of a year by days, weeks and months, and not beyond it', () => {
  const days = yearDays('2014', 'UTC');
  const at = (date: string) => days.findIndex((day) => day.date === date);
  const step = (date: string, key: string) => {
    const to = stepInYear(days, at(date), key);
    return to === null ? null : days[to]?.date;
  };
  expect(step('2014-05-23', 'ArrowRight')).toBe('2014-05-30');
  expect(step('2014-05-23', 'ArrowLeft')).toBe('2014-05-16');
  expect(step('2014-05-31', 'ArrowDown')).toBe('2014-06-01');
  expect(step('2014-05-01', 'ArrowUp')).toBe('2014-04-30');
  expect(step('2014-05-23', 'PageDown')).toBe('2014-06-01');
  expect(step('2014-05-23', 'PageUp')).toBe('2014-04-01');
  expect(step('2014-05-23', 'Home')).toBe('2014-01-01');
  expect(step('2014-05-23', 'End')).toBe('2014-12-31');
  expect(step('2014-12-31', 'PageDown')).toBeNull();
  expect(step('2014-01-15', 'PageUp')).toBeNull();
  expect(step('2014-01-03', 'ArrowLeft')).toBeNull();
  expect(step('2014-05-23', 'x')).toBeNull();
});
