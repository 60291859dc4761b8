import { expect, test } from 'vitest';
import * as format from '../../src/time/format.ts';

const at = Date.parse('2014-05-23T14:08:20.529Z');

test('times are those of the camera', () => {
  expect(format.clockTime(at, 'America/Chicago')).toBe('09:08:20');
  expect(format.clockTime(at, 'America/Chicago', true)).toBe('09:08:20.529');
  expect(format.shortTime(at, 'Asia/Kathmandu')).toBe('19:53');
  expect(format.zoneName(at, 'America/Chicago')).toBe('CDT');
  expect(format.longDate('2014-05-23')).toMatch(/^Friday,? 23 May 2014$/);
  expect(format.shortDate('2014-05-23')).toBe('Fri 23 May 2014');
  expect(format.shortDate('2014-05-23', '2014-12-31')).toBe('Fri 23 May');
  expect(format.shortDate('2014-05-23', '2015-05-23')).toBe('Fri 23 May 2014');
});

test('lengths never round up to what they are not', () => {
  expect([0, 0.849, 9.99, 10, 59.9, 60, 184, 3599.9, 3600, 7500].map(format.length)).toEqual([
    '0 s',
    '0.8 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 04 s',
    '59 min 59 s',
    '1 h 00 min',
    '2 h 05 min',
  ]);
});

test('how long ago', () => {
  const now = at;
  const cases = [0, 5, 61, 7200, 90_000, 40 * 86_400, 400 * 86_400];
  expect(cases.map((s) => format.ago(now - s * 1000, now))).toEqual([
    'now',
    '5 seconds ago',
    '1 minute ago',
    '2 hours ago',
    'yesterday',
    'last month',
    'last year',
  ]);
});

test('numbers and sizes', () => {
  expect(format.count(1234567)).toBe('1,234,567');
  expect([0, 999, 1000, 9_960, 999_600, 123_456_789].map(format.bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '10.0 kB',
    '1.0 MB',
    '123 MB',
  ]);
});
