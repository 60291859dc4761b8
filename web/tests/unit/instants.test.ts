import { expect, test } from 'vitest';
import { instantOf, mergeInstants } from '../../src/player/instants.ts';

test('of one camera the instants are its frames, also those of one time', () => {
  const times = [5, 7, 7, 7, 20];
  const { times: merged, frames } = mergeInstants([times], 5);
  expect([...merged]).toEqual(times);
  expect([...(frames[0] ?? [])]).toEqual([0, 1, 2, 3, 4]);
});

test('cameras share an instant; each shows its last frame that is not after it', () => {
  const { times, frames } = mergeInstants([[100, 200, 300], [50, 200, 200, 250], []], 100);
  expect([...times]).toEqual([100, 200, 200, 250, 300]);
  expect([...(frames[0] ?? [])]).toEqual([0, 1, 1, 1, 2]);
  expect([...(frames[1] ?? [])]).toEqual([0, 1, 2, 3, 3]);
  expect([...(frames[2] ?? [])]).toEqual([-1, -1, -1, -1, -1]);
});

/* A generator that gives the same numbers each time (mulberry32). */
function numbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test('whatever the cameras: times never fall, no frame is left out, none is shown too early', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = numbers(seed);
    const from = 100;
    const tracks = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const list: number[] = [];
      let at = 60 + Math.floor(random() * 80);
      const count = Math.floor(random() * 30);
      for (let i = 0; i < count; i++) list.push((at += Math.floor(random() * 5)));
      return list;
    });
    const { times, frames } = mergeInstants(tracks, from);
    tracks.forEach((own, k) => {
      const shown = frames[k] as Int32Array;
      const seen = new Set(shown);
      own.forEach((time, frame) => {
        if (time < from) return;
        expect(seen.has(frame)).toBe(true);
        const at = instantOf({ times, frames }, k, frame);
        expect(times[at]).toBe(time);
        expect(shown[at]).toBe(frame);
      });
      times.forEach((time, i) => {
        expect(i === 0 || time >= (times[i - 1] ?? 0)).toBe(true);
        const frame = shown[i] ?? -1;
        if (frame >= 0) expect(own[frame]).toBeLessThanOrEqual(time);
        /* the frame after it belongs to a later time, or to a later instant of the same one */
        const after = own[frame + 1];
        if (after !== undefined && after < time) throw new Error(`frame ${frame + 1} came late`);
        expect(i === 0 || frame >= (shown[i - 1] ?? -1)).toBe(true);
      });
    });
  }
});
