import { describe, expect, test } from 'vitest';
import {
  addDays,
  dayBounds,
  daysBounds,
  hoursOfDay,
  isDate,
  knownZone,
  localDate,
  localTime,
} from '../../src/time/zone.ts';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

describe('days of a zone', () => {
  test.each([
    ['2014-05-23', 'America/Chicago', '2014-05-23T05:00:00.000Z', 24],
    ['2014-03-09', 'America/Chicago', '2014-03-09T06:00:00.000Z', 23],
    ['2014-11-02', 'America/Chicago', '2014-11-02T05:00:00.000Z', 25],
    ['2014-03-30', 'Europe/Berlin', '2014-03-29T23:00:00.000Z', 23],
    ['2014-10-26', 'Europe/Berlin', '2014-10-25T22:00:00.000Z', 25],
    ['2014-04-06', 'Australia/Lord_Howe', '2014-04-05T13:00:00.000Z', 24.5],
    ['2014-10-05', 'Australia/Lord_Howe', '2014-10-04T13:30:00.000Z', 23.5],
    /* the clock jumps from 00:00 to 01:00: the day begins at 01:00 */
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', 23],
    ['2018-02-17', 'America/Sao_Paulo', '2018-02-17T02:00:00.000Z', 25],
    ['2014-05-23', 'Pacific/Kiritimati', '2014-05-22T10:00:00.000Z', 24],
    ['2014-05-23', 'Asia/Kathmandu', '2014-05-22T18:15:00.000Z', 24],
    ['2014-05-23', 'UTC', '2014-05-23T00:00:00.000Z', 24],
  ])('%s in %s begins at %s and has %d hours', (date, zone, start, hours) => {
    const bounds = dayBounds(date, zone);
    expect(iso(bounds.start)).toBe(start);
    expect((bounds.end - bounds.start) / HOUR).toBe(hours);
  });

  test('a day that a zone left out is empty, and its neighbours meet there', () => {
    const gone = dayBounds('2011-12-30', 'Pacific/Apia');
    expect(gone.end - gone.start).toBe(0);
    expect(dayBounds('2011-12-29', 'Pacific/Apia').end).toBe(gone.start);
    expect(dayBounds('2011-12-31', 'Pacific/Apia').start).toBe(gone.end);
  });

  test('the days of two years cover every instant once, in zones of all kinds', () => {
    for (const zone of ['America/Chicago', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC']) {
      let date = '2014-01-01';
      let end = dayBounds(date, zone).start;
      for (let i = 0; i < 730; i += 1) {
        const bounds = dayBounds(date, zone);
        expect(bounds.start).toBe(end);
        expect(localDate(bounds.start, zone)).toBe(date);
        expect(localDate(bounds.end - 1, zone)).toBe(date);
        end = bounds.end;
        date = addDays(date, 1);
      }
    }
  });

  test('the hour that comes twice is there twice, the one left out is not', () => {
    const names = (date: string) =>
      hoursOfDay(dayBounds(date, 'Europe/Berlin'), 'Europe/Berlin').map(({ hour }) => hour);
    expect(names('2014-10-26').slice(0, 5)).toEqual([0, 1, 2, 2, 3]);
    expect(names('2014-03-30').slice(0, 4)).toEqual([0, 1, 3, 4]);
  });
});

test('local time, also before 1970 and at midnight', () => {
  expect(localTime(Date.parse('2014-05-23T05:00:00.529Z'), 'America/Chicago')).toEqual({
    date: '2014-05-23',
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 529,
  });
  expect(localTime(-1, 'UTC')).toMatchObject({ date: '1969-12-31', hour: 23, millisecond: 999 });
});

test('dates', () => {
  expect(['2014-02-28', '2016-02-29'].every(isDate)).toBe(true);
  expect(['2014-02-29', '2014-13-01', '14-1-1', '2014-01-01x', ''].some(isDate)).toBe(false);
  expect(addDays('2014-02-28', 1)).toBe('2014-03-01');
  expect(addDays('2014-01-01', -1)).toBe('2013-12-31');
});

test('a zone nobody knows is shown as UTC', () => {
  expect(knownZone('Moon/Tycho')).toBe('UTC');
  expect(knownZone('America/Chicago')).toBe('America/Chicago');
});

test('the ends of some days, never the wrong way round', () => {
  const within = (from: string | null, to: string | null, zone: string) => {
    const range = daysBounds(from, to, zone);
    return [range.from, range.to].map((ms) => ms && iso(ms));
  };
  expect(within('2014-03-08', '2014-03-09', 'America/Chicago')).toEqual([
    '2014-03-08T06:00:00.000Z',
    '2014-03-10T04:59:59.999Z',
  ]);
  expect(within(null, '2014-05-23', 'UTC')).toEqual([null, '2014-05-23T23:59:59.999Z']);
  expect(within('2014-05-23', null, 'UTC')).toEqual(['2014-05-23T00:00:00.000Z', null]);
  /* Samoa had no 30 December 2011 */
  const left = daysBounds('2011-12-30', '2011-12-30', 'Pacific/Apia');
  expect(left.to).toBe(left.from);
});
