import { expect, test } from 'vitest';
import type { ExportJob } from '../../src/api/types.ts';
import { directUrl, isDirect, merged, sums } from '../../src/export/plan.ts';
import { x } from '../../src/strings/export.ts';

const stretch = { camera: 'front & back', from: '2014-05-23T14:08:20.529Z', to: 1400854105000 };

test('what the server sends at once, and from where', () => {
  expect(isDirect('mov', [stretch])).toBe(true);
  expect(isDirect('mp4', [stretch])).toBe(false);
  expect(isDirect('zip', [stretch, stretch])).toBe(false);
  expect(directUrl('zip', stretch)).toBe(
    '/api/v1/export?camera=front+%26+back&from=2014-05-23T14%3A08%3A20.529Z&to=1400854105000&format=zip',
  );
});

test('sums are told only where all is known', () => {
  const known = { ...stretch, frames: 3, bytes: 1000 };
  expect(sums([known, { ...known, camera: 'gate' }])).toEqual({
    stretches: 2,
    cameras: ['front & back', 'gate'],
    frames: 6,
    bytes: 2000,
  });
  expect(sums([known, stretch]).frames).toBe(null);
  expect(x.what(sums([known]))).toBe('front & back · 3 pictures · 1.0 kB');
  expect(x.what(sums([known, stretch]))).toBe('front & back · 2 stretches');
});

const job = (id: string, state: ExportJob['state'], done = 0): ExportJob => ({
  id,
  state,
  done,
  format: 'mp4',
  burn_in: false,
  made: '2014-05-23T14:08:20.529Z',
  until: null,
  total: 10,
  bytes: 0,
  file: null,
  url: null,
  problem: null,
  stretch_count: 1,
  stretches: [],
});

test('messages may come in any order', () => {
  let list = merged([], job('2', 'waiting'));
  list = merged(list, job('10', 'waiting'));
  expect(list.map((one) => one.id)).toEqual(['10', '2']);
  list = merged(list, job('2', 'running', 4));
  list = merged(list, job('2', 'done', 10));
  list = merged(list, job('2', 'running', 7)); /* an answer that was under way */
  expect(list.find((one) => one.id === '2')?.state).toBe('done');
  list = merged(list, job('10', 'removed'));
  list = merged(list, job('77', 'removed'));
  expect(list.map((one) => one.id)).toEqual(['2']);
});

test('the stretches that were told once stay known', () => {
  const all = {
    ...job('1', 'waiting'),
    stretches: Array.from({ length: 12 }, () => stretch as never),
  };
  const brief = { ...job('1', 'running'), stretches: all.stretches.slice(0, 10) };
  expect(merged([all], brief)[0]?.stretches.length).toBe(12);
});
