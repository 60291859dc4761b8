import { describe, expect, test } from 'vitest';
import { drawBar } from '../../src/player/bar.ts';
import { mergeInstants } from '../../src/player/instants.ts';
import { makeTimeline } from '../../src/player/clock.ts';
import { actionOf, WheelSteps } from '../../src/player/keys.ts';
import { t } from '../../src/strings/en.ts';

const plain = { altKey: false, ctrlKey: false, metaKey: false };

describe('keys', () => {
  test('each key that is listed for people does something', () => {
    const names: Record<string, string> = {
      space: ' ',
      home: 'Home',
      end: 'End',
      delete: 'Delete',
      '←': 'ArrowLeft',
      '→': 'ArrowRight',
      '−': '-',
    };
    for (const [keys] of t.play.keyList) {
      for (const key of keys.split(/,? /)) {
        /* not keys of their own, or held with others: the page knows them */
        if (/[1–9]/.test(key)) continue;
        if (['wheel', 'ctrl', 'shift', '↑', '↓'].includes(key)) continue;
        expect(actionOf({ key: names[key] ?? key, ...plain }), key).not.toBeNull();
      }
    }
  });

  test('with a modifier they are the browser’s', () => {
    expect(actionOf({ key: 'f', ...plain, ctrlKey: true })).toBeNull();
    expect(actionOf({ key: 'ArrowLeft', ...plain, altKey: true })).toBeNull();
    expect(actionOf({ key: 'F', ...plain })).toBe('fullScreen');
    expect(actionOf({ key: 'Tab', ...plain })).toBeNull();
  });
});

test('a notch of the wheel is a frame, small steps of a touchpad add up, turning starts anew', () => {
  const wheel = new WheelSteps();
  expect([wheel.add(100, 0), wheel.add(120, 0), wheel.add(-100, 0), wheel.add(3, 1)]).toEqual([
    1, 1, -1, 1,
  ]);
  const pad = new WheelSteps();
  expect([15, 15, 15, 15, 15, 15].map((delta) => pad.add(delta, 0))).toEqual([0, 0, 1, 0, 0, 1]);
  expect([30, -30, -15].map((delta) => pad.add(delta, 0))).toEqual([0, 0, -1]);
});

test('the bar marks motion, each window in its own lane, and the trigger', () => {
  const frames = [[], [2], [2, 5], [], []].map((windows, i) => ({
    id: String(i),
    time: i * 100,
    windows,
    kinds: windows.length > 0 ? ['motion'] : ['none'],
    trigger: i === 1 ? 0 : null,
  }));
  const times = frames.map((frame) => frame.time);
  const instants = mergeInstants([times], 0);
  const bar = drawBar([{ camera: 'gate', frames }], instants, makeTimeline(times, null));
  expect(bar.motion).toBe('M250.0 0h500.0v10H250.0z');
  expect(bar.lanes).toEqual([
    { name: '2', path: 'M250.0 0h500.0v3H250.0z' },
    { name: '5', path: 'M500.0 4h250.0v3H500.0z' },
  ]);
  expect(bar.triggers).toBe('M250.0 0v10');
});

test('the bar of several cameras has a lane for each; a picture that stays does not move', () => {
  const frame = (time: number, moves: boolean) => ({
    id: String(time),
    time,
    windows: [],
    kinds: moves ? ['motion'] : ['none'],
    trigger: null,
  });
  const gate = [0, 1000, 2000].map((time) => frame(time, true));
  const yard = [8000, 9000, 10_000].map((time) => frame(time, time === 9000));
  const times = [gate, yard].map((frames) => frames.map(({ time }) => time));
  const instants = mergeInstants(times, 0);
  const bar = drawBar(
    [
      { camera: 'gate', frames: gate },
      { camera: 'yard', frames: yard },
    ],
    instants,
    makeTimeline(instants.times, null),
  );
  expect(bar.lanes).toEqual([
    { name: 'gate', path: 'M0.0 0h800.0v3H0.0z' },
    { name: 'yard', path: 'M900.0 4h100.0v3H900.0z' },
  ]);
  expect(bar.motion).toBe('M0.0 0h800.0v10H0.0zM900.0 0h100.0v10H900.0z');
});
