import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toasts } from '../../src/ui/toasts.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const texts = () => toasts.list.map((toast) => toast.text);

test('none goes while one is held; then each goes in its time', () => {
  toasts.show({ text: 'a' });
  toasts.hold();
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(['a']);
  toasts.letGo();
  vi.advanceTimersByTime(6000);
  expect(texts()).toEqual([]);
});

test('what had the focus is pressed and goes with it: the next toast goes in its time', () => {
  const run = vi.fn();
  toasts.show({ text: 'deleted', action: { label: 'Undo', run } });
  toasts.hold();
  for (const toast of toasts.list) toasts.run(toast);
  expect(run).toHaveBeenCalledTimes(1);
  toasts.show({ text: 'restored' });
  vi.advanceTimersByTime(6000);
  expect(texts()).toEqual([]);
});
