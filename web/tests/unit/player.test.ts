import { describe, expect, test } from 'vitest';
import { drawBar } from '../../src/player/bar.ts';
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
      '←': 'ArrowLeft',
      '→': 'ArrowRight',
      '−': '-',
    };
    for (const [keys] of t.play.keyList) {
      for (const key of keys.split(/,? /)) {
        /* not keys of their own, or held with others: the page knows them */
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
  const bar = drawBar(
    frames,
    makeTimeline(
      frames.map((frame) => frame.time),
      null,
    ),
  );
  expect(bar.motion).toBe('M250.0 0h500.0v10H250.0z');
  expect(bar.lanes).toEqual([
    { window: 2, path: 'M250.0 0h500.0v3H250.0z' },
    { window: 5, path: 'M500.0 4h250.0v3H500.0z' },
  ]);
  expect(bar.triggers).toBe('M250.0 0v10');
});
