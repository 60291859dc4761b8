import { describe, expect, test } from 'vitest';
import { CLOSEST, panned, wheelFactor, WHOLE, zoomed, type View } from '../../src/player/view.ts';

const box = { width: 800, height: 600 };
/* Where a point of the picture (from its middle) is in the box. */
const place = (view: View, u: number, v: number) => [
  box.width / 2 + u * view.scale + view.x,
  box.height / 2 + v * view.scale + view.y,
];

test('what is under the pointer stays there', () => {
  const view = zoomed(WHOLE, 2, 600, 150, box);
  expect(place(view, 200, -150)).toEqual([600, 150]);
  const closer = zoomed(view, 1.7, 420, 333, box);
  const u = (420 - 400 - view.x) / view.scale;
  const v = (333 - 300 - view.y) / view.scale;
  expect(place(closer, u, v)[0]).toBeCloseTo(420);
  expect(place(closer, u, v)[1]).toBeCloseTo(333);
});

describe('whatever is done', () => {
  test('the box stays filled, and the way out ends with the whole picture', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    let view = WHOLE;
    for (let i = 0; i < 2000; i++) {
      if (random() < 0.5) {
        view = zoomed(view, 0.3 + random() * 2, random() * 800, random() * 600, box);
      } else view = panned(view, (random() - 0.5) * 4000, (random() - 0.5) * 4000, box);
      expect(view.scale).toBeGreaterThanOrEqual(1);
      expect(view.scale).toBeLessThanOrEqual(CLOSEST);
      const [left = 0, top = 0] = place(view, -400, -300);
      const [right = 0, bottom = 0] = place(view, 400, 300);
      expect(left).toBeLessThan(1e-6);
      expect(top).toBeLessThan(1e-6);
      expect(right).toBeGreaterThan(800 - 1e-6);
      expect(bottom).toBeGreaterThan(600 - 1e-6);
    }
    expect(zoomed(view, 1 / CLOSEST, 10, 10, box)).toEqual(WHOLE);
  });
});

test('a wheel turned back takes back', () => {
  expect(wheelFactor(100, 0) * wheelFactor(-100, 0)).toBeCloseTo(1);
  expect(wheelFactor(-100, 0)).toBeGreaterThan(1.3);
  expect(wheelFactor(-3, 1)).toBeCloseTo(wheelFactor(-120, 0));
  expect(wheelFactor(-9999, 0)).toBeLessThan(3);
});
