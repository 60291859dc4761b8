import { expect, test } from 'vitest';
import { filterCount, filterQuery, fits, inHours } from '../../src/events/filter.ts';
import { noFilter } from '../../src/routing/url.ts';

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
  expect(filterCount(some)).toBe(2);
  expect(filterCount({ ...noFilter, hours: '22:00-06:00', dwell: 5 })).toBe(1);
});

test('what was said of an event decides too', () => {
  const seen = { ...event('2014-05-23T17:00:00Z'), reviewed: true };
  expect(fits(seen, { ...noFilter, reviewed: false }, 'UTC')).toBe(false);
  expect(fits(seen, { ...noFilter, reviewed: true, pinned: false }, 'UTC')).toBe(true);
  expect(fits(seen, { ...noFilter, noted: true }, 'UTC')).toBe(false);
  expect(filterCount({ ...noFilter, reviewed: false, noted: true })).toBe(2);
  expect(filterQuery({ ...noFilter, reviewed: false, pinned: true })).toMatchObject({
    reviewed: 'false',
    pinned: 'true',
    noted: undefined,
  });
});
