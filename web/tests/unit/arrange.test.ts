import { expect, test } from 'vitest';
import { arrange } from '../../src/player/arrange.ts';

const columns = (count: number, width: number, height: number) =>
  new Set(arrange(count, { width, height }, 1.25, null).map((place) => Math.round(place.x))).size;

test('two stand beside each other on a screen, below each other on a phone', () => {
  expect(columns(2, 1280, 600)).toBe(2);
  expect(columns(2, 360, 500)).toBe(1);
  expect(columns(4, 1280, 720)).toBe(2);
  expect(columns(9, 1280, 900)).toBe(3);
});

test('however many: all are inside, none overlap, the one that is large is the largest', () => {
  for (const [width, height] of [
    [1280, 640],
    [360, 480],
    [800, 300],
  ] as const) {
    for (let count = 1; count <= 9; count++) {
      for (const large of [null, 0, count - 1]) {
        const places = arrange(count, { width, height }, 4 / 3, large);
        expect(places).toHaveLength(count);
        for (const [i, a] of places.entries()) {
          expect(a.x).toBeGreaterThanOrEqual(-0.01);
          expect(a.y).toBeGreaterThanOrEqual(-0.01);
          expect(a.x + a.width).toBeLessThanOrEqual(width + 0.01);
          expect(a.y + a.height).toBeLessThanOrEqual(height + 0.01);
          for (const b of places.slice(i + 1)) {
            const apart =
              a.x + a.width <= b.x ||
              b.x + b.width <= a.x ||
              a.y + a.height <= b.y ||
              b.y + b.height <= a.y;
            expect(apart).toBe(true);
          }
          const main = large === null ? undefined : places[large];
          if (main) expect(a.width * a.height).toBeLessThanOrEqual(main.width * main.height);
        }
      }
    }
  }
});
