import { describe, expect, test } from 'vitest';
import {
  changed,
  frameAt,
  frameAtTime,
  frameNear,
  hasEnded,
  makeTimeline,
  nextSpeed,
  positionAt,
  stoppedClock,
} from '../../src/player/clock.ts';

const times = [1000, 1200, 1200, 1400, 61_400, 61_600];

describe('timeline', () => {
  test('as it was', () => {
    const line = makeTimeline(times, null);
    expect([...line.positions]).toEqual([0, 200, 200, 400, 60_400, 60_600]);
    expect(line.total).toBe(60_600);
  });

  test('with long gaps cut short, short ones kept', () => {
    expect([...makeTimeline(times, 1000).positions]).toEqual([0, 200, 200, 400, 1400, 1600]);
  });

  test('a clock of the camera that was set back does not turn the play back', () => {
    const { positions } = makeTimeline([5000, 4000, 4100], null);
    expect([...positions]).toEqual([0, 0, 100]);
  });

  test('of nothing and of one frame', () => {
    expect(makeTimeline([], null).total).toBe(0);
    expect(frameAt(makeTimeline([], null), 5)).toBe(0);
    expect(frameAt(makeTimeline([77], null), 5)).toBe(0);
  });
});

test('each frame is shown from its position until the next, as a search one by one says', () => {
  const line = makeTimeline(times, 1000);
  for (let position = 0; position <= line.total + 50; position += 10) {
    let want = 0;
    line.positions.forEach((p, i) => {
      if (p <= position) want = i;
    });
    expect(frameAt(line, position)).toBe(want);
  }
});

test('a click means the nearest frame', () => {
  const line = makeTimeline([0, 100, 400], null);
  expect([0, 49, 51, 240, 260, 400].map((at) => frameNear(line, at))).toEqual([0, 0, 1, 1, 2, 2]);
});

test('the frame nearest to an instant', () => {
  expect([0, 1050, 1390, 30_000, 99_999].map((at) => frameAtTime(times, at))).toEqual([
    0, 0, 3, 3, 5,
  ]);
  for (let at = 900; at < 62_000; at += 50) {
    const best = Math.min(...times.map((time) => Math.abs(time - at)));
    expect(Math.abs((times[frameAtTime(times, at)] ?? 0) - at)).toBe(best);
  }
});

describe('clock', () => {
  const line = makeTimeline([0, 1000, 2000], null);

  test('runs at its speed in its direction from where it was', () => {
    let clock = changed(stoppedClock(), line, 5000, { playing: true });
    expect(positionAt(clock, 5500)).toBe(500);
    clock = changed(clock, line, 5500, { speed: 0.1 });
    expect(positionAt(clock, 6500)).toBe(600);
    clock = changed(clock, line, 6500, { speed: 10 });
    expect(positionAt(clock, 6600)).toBe(1600);
    clock = changed(clock, line, 6600, { direction: -1 });
    expect(positionAt(clock, 6700)).toBe(600);
    clock = changed(clock, line, 6700, { playing: false });
    expect(positionAt(clock, 99_999)).toBe(600);
  });

  test('ends after the last frame had its time, at both ends', () => {
    const forward = changed(stoppedClock(), line, 0, { playing: true });
    expect(hasEnded(forward, line, 2000)).toBe(false);
    expect(hasEnded(forward, line, 2000 + line.hold)).toBe(true);
    const back = changed(stoppedClock(), line, 0, { playing: true, direction: -1, position: 2000 });
    expect(hasEnded(back, line, 2000)).toBe(false);
    expect(hasEnded(back, line, 2000 + line.hold)).toBe(true);
    expect(hasEnded(stoppedClock(), line, 1e9)).toBe(false);
  });

  test('what was run past an end is not owed when something changes', () => {
    const clock = changed(stoppedClock(), line, 0, { playing: true });
    expect(changed(clock, line, 60_000, { direction: -1 }).position).toBe(2000);
  });
});

test('speeds step up and down and stop at their ends', () => {
  expect(nextSpeed(1, 1)).toBe(2);
  expect(nextSpeed(1, -1)).toBe(0.5);
  expect(nextSpeed(10, 1)).toBe(10);
  expect(nextSpeed(0.1, -1)).toBe(0.1);
});
