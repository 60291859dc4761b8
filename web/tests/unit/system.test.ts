import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { system } from '../../src/system/store.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('an answer that takes longer than the next look is let come', async () => {
  const answers: Record<string, unknown> = {
    '/api/v1/system': { version: 'slow' },
    '/api/v1/deletions': { deletions: [], total: 0, next: null },
  };
  vi.stubGlobal(
    'fetch',
    (url: string, { signal }: RequestInit) =>
      new Promise((done, fail) => {
        const path = url.split('?')[0] ?? '';
        setTimeout(() => done(new Response(JSON.stringify(answers[path]))), 12_000);
        signal?.addEventListener('abort', () => fail(signal.reason as Error));
      }),
  );
  const leave = system.use();
  await vi.advanceTimersByTimeAsync(12_500);
  expect(system.system?.version).toBe('slow');
  leave();
});
