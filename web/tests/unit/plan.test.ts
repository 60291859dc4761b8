import { describe, expect, test } from 'vitest';
import {
  framesToDecode,
  HELD,
  LOST,
  MISSING,
  nextFetch,
  stretchToHold,
  type Holding,
} from '../../src/player/plan.ts';

const MB = 1024 * 1024;
function holding(frames: number, bytes: number, playhead = 0, direction: 1 | -1 = 1): Holding {
  return {
    lengths: new Array<number>(frames).fill(bytes),
    state: new Uint8Array(frames),
    playhead,
    direction,
  };
}

describe('an event that fits', () => {
  test('is one fetch of the whole', () => {
    expect(nextFetch(holding(200, 40_000), 256 * MB)).toEqual({ first: 0, last: 199 });
  });

  test('entered in the middle: from there to the end, then the beginning, then no more', () => {
    const event = holding(100, 1000, 60);
    expect(nextFetch(event, MB)).toEqual({ first: 60, last: 99 });
    event.state.fill(HELD, 60);
    expect(nextFetch(event, MB)).toEqual({ first: 0, last: 59 });
    event.state.fill(HELD);
    expect(nextFetch(event, MB)).toBeNull();
  });

  test('frames that cannot be had are not asked for again', () => {
    const event = holding(10, 1000);
    event.state.fill(HELD);
    event.state[4] = LOST;
    expect(nextFetch(event, MB)).toBeNull();
    event.state[5] = MISSING;
    expect(nextFetch(event, MB)).toEqual({ first: 5, last: 5 });
  });
});

describe('an event larger than the budget', () => {
  test('is held around the playhead within it, most of it ahead', () => {
    for (const direction of [1, -1] as const) {
      for (const playhead of [0, 1, 5000, 9999]) {
        const event = holding(10_000, 150_000, playhead, direction);
        const { first, last } = stretchToHold(event, 256 * MB);
        expect((last - first + 1) * 150_000).toBeLessThanOrEqual(256 * MB);
        expect((last - first + 2) * 150_000).toBeGreaterThan(255 * MB);
        expect(first).toBeLessThanOrEqual(playhead);
        expect(last).toBeGreaterThanOrEqual(playhead);
        if (playhead === 5000) {
          const ahead = direction > 0 ? last - playhead : playhead - first;
          expect(ahead / (last - first)).toBeCloseTo(0.75, 1);
        }
      }
    }
  });

  test('playing through it asks for few and large ranges, and never lacks the next frame', () => {
    for (const direction of [1, -1] as const) {
      const event = holding(4000, 150_000, direction > 0 ? 0 : 3999, direction);
      const budget = 64 * MB;
      let fetches = 0;
      for (let i = 0; i < 4000; i++) {
        event.playhead = direction > 0 ? i : 3999 - i;
        const keep = stretchToHold(event, budget);
        for (let k = 0; k < 4000; k++)
          if (k < keep.first || k > keep.last) event.state[k] = MISSING;
        for (let run = nextFetch(event, budget); run; run = nextFetch(event, budget)) {
          fetches++;
          expect(run.first).toBeGreaterThanOrEqual(keep.first);
          expect(run.last).toBeLessThanOrEqual(keep.last);
          event.state.fill(HELD, run.first, run.last + 1);
        }
        expect(event.state[event.playhead]).toBe(HELD);
      }
      expect(fetches).toBeLessThan(250);
    }
  });

  test('backwards it comes in blocks that end at the playhead', () => {
    const event = holding(10_000, 150_000, 5000, -1);
    const run = nextFetch(event, 256 * MB);
    expect(run?.last).toBe(5000);
    expect(((run?.last ?? 0) - (run?.first ?? 0)) * 150_000).toBeLessThanOrEqual(4 * MB);
  });
});

describe('frames to decode', () => {
  test('the playhead first, three ahead for one behind, none twice, none outside', () => {
    expect(framesToDecode(100, 50, 1, 9)).toEqual([50, 51, 52, 53, 49, 54, 55, 56, 48]);
    expect(framesToDecode(100, 50, -1, 5)).toEqual([50, 49, 48, 47, 51]);
    for (const playhead of [0, 1, 7, 18, 19]) {
      for (const direction of [1, -1] as const) {
        for (const stride of [1, 3]) {
          const list = framesToDecode(20, playhead, direction, 60, stride);
          expect(list[0]).toBe(playhead);
          expect(new Set(list).size).toBe(list.length);
          expect(list.every((frame) => frame >= 0 && frame < 20)).toBe(true);
          if (stride === 1) expect(list.length).toBe(20);
        }
      }
    }
    expect(framesToDecode(0, 0, 1, 60)).toEqual([]);
  });

  test('skipping ahead asks for the same frames from wherever the playhead is', () => {
    const ahead = (playhead: number) =>
      framesToDecode(100, playhead, 1, 10, 4).filter((frame) => frame > playhead + 4 && frame < 30);
    expect(ahead(9)).toEqual(ahead(10));
  });
});
