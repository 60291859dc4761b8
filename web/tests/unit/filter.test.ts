import { expect, test } from 'vitest';
import { filterQuery, fits, inHours } from '../../src/events/filter.ts';
import { narrowings } from '../../src/events/narrowed.ts';
import { noFilter, type EventsRoute } from '../../src/routing/url.ts';

const event = (start: string, windows: number[] = [], kinds = ['motion']) => ({
  start,
  windows,
  kinds,
  reviewed: false,
  pinned: false,
  notes: [],
});

test('the end of a time of day is not in it, its begin is; it may cross midnight', () => {
  for (let minute = 0; minute < 1440; minute++) {
    expect(inHours('08:00-12:30', minute)).toBe(minute >= 480 && minute < 750);
    expect(inHours('22:00-06:00', minute)).toBe(minute >= 1320 || minute < 360);
    expect(inHours('13:00-24:00', minute)).toBe(minute >= 780);
    expect(inHours('13:00-00:00', minute)).toBe(minute >= 780);
  }
});

test('hours and weekday are those of the camera where it stands', () => {
  const night = { ...noFilter, hours: '22:00-06:00', weekdays: ['fri' as const] };
  const late = event('2014-05-24T04:30:00Z'); /* Friday 23:30 in Chicago, Saturday in Berlin */
  expect(fits(late, night, 'America/Chicago')).toBe(true);
  expect(fits(late, night, 'Europe/Berlin')).toBe(false);
  expect(fits(event('2014-05-23T17:00:00Z'), night, 'America/Chicago')).toBe(false);
});

test('any of the windows and any of the kinds', () => {
  const some = { ...noFilter, windows: [2, 5], kinds: ['input', 'timer'] };
  expect(fits(event('2014-05-23T17:00:00Z', [5, 7], ['none', 'timer']), some, 'UTC')).toBe(true);
  expect(fits(event('2014-05-23T17:00:00Z', [5], ['motion']), some, 'UTC')).toBe(false);
  expect(fits(event('2014-05-23T17:00:00Z', [], ['input']), some, 'UTC')).toBe(false);
  expect(fits(event('2014-05-23T17:00:00Z'), noFilter, 'UTC')).toBe(true);
});

test('what was said of an event decides too', () => {
  const seen = { ...event('2014-05-23T17:00:00Z'), reviewed: true };
  expect(fits(seen, { ...noFilter, reviewed: false }, 'UTC')).toBe(false);
  expect(fits(seen, { ...noFilter, reviewed: true, pinned: false }, 'UTC')).toBe(true);
  expect(fits(seen, { ...noFilter, noted: true }, 'UTC')).toBe(false);
  expect(filterQuery({ ...noFilter, reviewed: false, pinned: true })).toMatchObject({
    reviewed: 'false',
    pinned: 'true',
    noted: undefined,
  });
});

test('what narrows a list is told, and can be taken away one by one', () => {
  const all: EventsRoute = {
    ...noFilter,
    page: 'events',
    cameras: ['gate'],
    from: '2014-05-23',
    to: null,
    sort: 'frames',
  };
  expect(narrowings(all)).toEqual([]);
  /* That one has a place of its own. */
  expect(narrowings({ ...all, reviewed: false })).toEqual([]);
  const some: EventsRoute = {
    ...all,
    windows: [2, 5],
    hours: '22:00-06:00',
    weekdays: ['sun', 'sat'],
    kinds: ['input'],
    reviewed: true,
    pinned: true,
    noted: false,
    dwell: 30,
  };
  const told = narrowings(some);
  expect(told.map(({ text }) => text)).toEqual([
    'Windows 2, 5',
    '22:00 – 06:00',
    'Sat, Sun',
    'input',
    'Reviewed',
    'Pinned',
    'Without note',
    'Gap 30 s',
  ]);
  for (const { text, without } of told) {
    expect(narrowings(without).map((one) => one.text)).toEqual(
      told.map((one) => one.text).filter((one) => one !== text),
    );
  }
  let left = some;
  while (narrowings(left).length > 0) left = narrowings(left)[0]?.without ?? all;
  expect(left).toEqual(all);
});
