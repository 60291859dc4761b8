import { expect, test } from 'vitest';
import { cellPlace, gridLayout, visibleCells } from '../../src/grid/layout.ts';

const options = { minCell: 220, gap: 18, aspect: 4 / 3, caption: 30 };

test('as many columns as fit, filling the width', () => {
  const layout = gridLayout(3000, 1200, options);
  expect(layout.columns).toBe(5);
  expect(layout.cellWidth * 5 + 18 * 4).toBeCloseTo(1200);
  expect(layout.rows).toBe(600);
  expect(gridLayout(3, 100, options).columns).toBe(1);
  expect(gridLayout(0, 1200, options).height).toBe(0);
});

test('at any scroll position every cell that touches the screen exists, and few others', () => {
  for (const count of [0, 1, 7, 3000]) {
    const layout = gridLayout(count, 1000, options);
    for (let top = -900; top < layout.height + 900; top += 177) {
      const { first, last } = visibleCells(layout, count, top, 800, 300);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(last).toBeLessThanOrEqual(count);
      for (let i = 0; i < count; i++) {
        const { y } = cellPlace(layout, i, options.gap);
        const touches = y < top + 800 && y + layout.rowHeight > top;
        if (touches && (i < first || i >= last)) throw new Error(`cell ${i} at ${top}`);
      }
      expect(last - first).toBeLessThanOrEqual(layout.columns * (1400 / layout.rowHeight + 2));
    }
  }
});

test('cells do not overlap', () => {
  const layout = gridLayout(20, 1000, options);
  const places = new Set<string>();
  for (let i = 0; i < 20; i++) places.add(Object.values(cellPlace(layout, i, 18)).join());
  expect(places.size).toBe(20);
  expect(cellPlace(layout, layout.columns, 18)).toEqual({ x: 0, y: layout.rowHeight });
});
