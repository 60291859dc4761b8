import { expect, test } from 'vitest';
import {
  barsPath,
  bucketsOf,
  lanePath,
  windowTotals,
  withFrame,
  type Bucket,
} from '../../src/calendar/activity.ts';

const bounds = {
  start: Date.parse('2014-05-23T05:00:00Z'),
  end: Date.parse('2014-05-24T05:00:00Z'),
};
const frame = (time: string, windows: number[]) => ({
  time,
  windows,
  kinds: windows.length > 0 ? ['motion'] : ['none'],
});

test('live frames give the buckets that the server would have given', () => {
  let live = new Map<number, Bucket>();
  for (const one of [
    frame('2014-05-23T05:00:00.000Z', []),
    frame('2014-05-23T05:04:59.999Z', [3]),
    frame('2014-05-23T05:05:00.000Z', [3, 1]),
    frame('2014-05-24T05:00:00.000Z', [8]) /* the next day */,
    frame('2014-05-23T04:59:59.999Z', [8]) /* the day before */,
  ]) {
    live = withFrame(live, one, bounds);
  }
  const served = bucketsOf({
    camera: 'a',
    from: '',
    to: '',
    bucket: 300,
    buckets: [
      {
        start: '2014-05-23T05:00:00.000Z',
        frames: 2,
        motion_frames: 1,
        bytes: 0,
        windows: { 3: 1 },
      },
      {
        start: '2014-05-23T05:05:00.000Z',
        frames: 1,
        motion_frames: 1,
        bytes: 0,
        windows: { 1: 1, 3: 1 },
      },
    ],
  });
  const plain = (map: Map<number, Bucket>) =>
    [...map.values()].map((one) => ({ ...one, windows: [...one.windows].sort() }));
  expect(plain(live)).toEqual(plain(served));
  expect(windowTotals(live.values())).toEqual([
    [1, 1],
    [3, 2],
  ]);
});

test('bars stand where their time is, the tallest fills the height, the least is seen', () => {
  const noon = bounds.start + 12 * 3_600_000;
  const bucket = (start: number, frames: number): Bucket => ({
    start,
    frames,
    motion: 0,
    windows: new Map([[2, frames]]),
  });
  const path = barsPath(
    [bucket(noon, 400), bucket(bounds.start, 1)],
    bounds,
    64,
    400,
    (b) => b.frames,
  );
  expect(path).toBe('M500.00 64v-64.00h3.47v64.00zM0.00 64v-3.20h3.47v3.20z');
  expect(barsPath([bucket(noon, 9)], bounds, 64, 9, () => 0)).toBe('');
  expect(lanePath([bucket(noon, 1)], bounds, 2, 67, 3.5)).toBe('M500.00 67h3.47v3.5h-3.47z');
  expect(lanePath([bucket(noon, 1)], bounds, 3, 67, 3.5)).toBe('');
});
