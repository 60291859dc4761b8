import { expect, test } from 'vitest';
import { arrange } from '../../src/player/arrange.ts';

const columns = (count: number, width: number, height: number) =>
  new Set(arrange(count, { width, height }, 1.25, null).map((place) => Math.round(place.x))).size;

test('two stand beside each other on a screen, below each other on a phone', () => {
  expect(columns(2, 1280, 600)).toBe(2);
  expect(columns(2, 360, 500)).toBe(1);
  expect(columns(4, 1280, 720)).toBe(2);
  expect(columns(9, 1280, 900)).toBe(3);
  /* five and four would be a little larger, and a row that is not full */
  expect(columns(9, 1280, 580)).toBe(3);
});

test('they stand close together, and what one large leaves is used', () => {
  const box = { width: 1280, height: 580 };
  const [a, b, c] = arrange(4, box, 1.25, null);
  expect((b?.x ?? 0) - (a?.x ?? 0) - (a?.width ?? 0)).toBeCloseTo(4);
  expect((c?.y ?? 0) - (a?.y ?? 0) - (a?.height ?? 0)).toBeCloseTo(4);
  expect((a?.width ?? 0) / (a?.height ?? 1)).toBeCloseTo(1.25);
  const places = arrange(9, box, 1.25, 1);
  expect(Math.round(places[1]?.width ?? 0)).toBe(725);
  for (const [i, place] of places.entries()) if (i !== 1) expect(place.width).toBeGreaterThan(170);
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
