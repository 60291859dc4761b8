import { expect, test } from 'vitest';
import type { Mark } from '../../src/api/types.ts';
import { AT_ONCE, backwards } from '../../src/events/mark.ts';

const piece = (kind: 'reviewed' | 'pinned', second: number): Mark => ({
  camera: 'gate',
  kind,
  from: new Date(second * 1000).toISOString(),
  to: new Date(second * 1000 + 500).toISOString(),
});

test('what was changed and nothing else is taken back, in requests that are small enough', () => {
  expect(backwards([], { reviewed: true })).toEqual([]);
  const { camera, from, to } = piece('reviewed', 5);
  expect(backwards([piece('reviewed', 5)], { reviewed: true })).toEqual([
    [[{ camera, from, to }], { reviewed: false }],
  ]);
  const both = { reviewed: true, pinned: false };
  expect(
    backwards([piece('pinned', 1), piece('reviewed', 2)], both).map(([, wish]) => wish),
  ).toEqual([{ reviewed: false }, { pinned: true }]);
  const many = Array.from({ length: 2 * AT_ONCE + 1 }, (_, i) => piece('reviewed', i));
  const requests = backwards(many, { reviewed: false });
  expect(requests.map(([stretches]) => stretches.length)).toEqual([AT_ONCE, AT_ONCE, 1]);
  expect(requests.flatMap(([stretches]) => stretches.map((one) => one.from))).toEqual(
    many.map((one) => one.from),
  );
  expect(new Set(requests.map(([, wish]) => wish.reviewed))).toEqual(new Set([true]));
});
