import { expect, test } from 'vitest';
import type { Camera } from '../../src/api/types.ts';
import {
  FRESH_MS,
  mostGrown,
  motionOf,
  stillFresh,
  wallOrder,
  withMotion,
  type Motions,
} from '../../src/wall/order.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const camera = (name: string, more: Partial<Camera> = {}) =>
  ({ name, state: 'quiet', last_received: null, latest: null, ...more }) as Camera;
const names = (list: Camera[]) => list.map((one) => one.name).join('');
const all = ['a', 'b', 'c', 'd'].map((name) => camera(name));

test('motion comes to the front, the latest first, and keeps its place while it lasts', () => {
  let motions: Motions = new Map();
  expect(names(wallOrder(all, motions))).toBe('abcd');
  motions = withMotion(motions, 'c', NOW);
  motions = withMotion(motions, 'b', NOW + 1000);
  expect(names(wallOrder(all, motions))).toBe('bcad');
  motions = withMotion(motions, 'c', NOW + 2000);
  expect(names(wallOrder(all, motions))).toBe('bcad');
  motions = withMotion(motions, 'c', NOW + 2000 + FRESH_MS);
  expect(names(wallOrder(all, motions))).toBe('cbad');
});

test('what has ended goes back to its place', () => {
  const motions = withMotion(withMotion(new Map(), 'c', NOW), 'd', NOW + 5000);
  expect(stillFresh(motions, NOW + FRESH_MS - 1)).toBe(motions);
  const rest = stillFresh(motions, NOW + FRESH_MS);
  expect([...rest.keys()]).toEqual(['d']);
  expect(names(wallOrder(all, rest))).toBe('dabc');
});

test('a camera that is read shows motion only of now', () => {
  const latest = { windows: [3] } as Camera['latest'];
  const at = (ms: number) => camera('a', { latest, last_received: new Date(ms).toISOString() });
  expect(motionOf(at(NOW - 5000), NOW)).toEqual({ began: NOW - 5000, last: NOW - 5000 });
  expect(motionOf(at(NOW - FRESH_MS), NOW)).toBeNull();
  expect(motionOf({ ...at(NOW - 5000), latest: null }, NOW)).toBeNull();
  expect(motionOf(camera('a', { latest }), NOW)).toBeNull();
});

test('a time that is yet to come is no motion of now', () => {
  const latest = { windows: [1] } as Camera['latest'];
  const at = (ms: number) => camera('a', { latest, last_received: new Date(ms).toISOString() });
  expect(motionOf(at(NOW - 1000), NOW)).not.toBeNull();
  expect(motionOf(at(NOW + 7_200_000), NOW)).toBeNull();
});

test('at most a third grow, so that the rest fills the room beside them; one always may', () => {
  expect([1, 2, 3, 5, 6, 9, 200].map(mostGrown)).toEqual([1, 1, 1, 1, 2, 3, 66]);
});
