import { expect, test } from 'vitest';
import { StreamSlicer } from '../../src/player/slicer.ts';

function stream(lengths: number[], gap = 0) {
  const offsets: number[] = [];
  let at = 0;
  for (const length of lengths) {
    offsets.push(at);
    at += length + gap;
  }
  const bytes = Uint8Array.from({ length: at }, (_, i) => (i * 31 + 7) & 255);
  return { offsets, lengths, bytes };
}

function slice(s: ReturnType<typeof stream>, chunk: (at: number) => number, first = 0) {
  const slicer = new StreamSlicer(s.offsets, s.lengths, first);
  const found: [number, string][] = [];
  let at = s.offsets[first] ?? 0;
  while (at < s.bytes.length) {
    const size = chunk(at);
    for (const one of slicer.push(s.bytes.subarray(at, at + size))) {
      found.push([one.frame, one.bytes.join()]);
    }
    at += size;
  }
  return found;
}

function expected(s: ReturnType<typeof stream>, first = 0) {
  return s.lengths
    .map((length, i): [number, string] => [
      i,
      s.bytes.subarray(s.offsets[i] ?? 0, (s.offsets[i] ?? 0) + length).join(),
    ])
    .slice(first);
}

test('fed whole is as fed byte by byte is as fed in any pieces', () => {
  for (const lengths of [[1], [5, 1, 9, 300, 2], [40, 40, 40], [3, 0, 4, 0]]) {
    for (const gap of [0, 3]) {
      const s = stream(lengths, gap);
      const want = expected(s);
      expect(slice(s, () => s.bytes.length)).toEqual(want);
      expect(slice(s, () => 1)).toEqual(want);
      for (let size = 2; size < 60; size++) expect(slice(s, () => size)).toEqual(want);
      expect(slice(s, (at) => 1 + ((at * 7919) % 23))).toEqual(want);
    }
  }
});

test('may begin at any frame', () => {
  const s = stream([5, 8, 2, 70], 1);
  for (let first = 0; first < 4; first++)
    expect(slice(s, () => 3, first)).toEqual(expected(s, first));
});

test('a frame whose last byte has not come is not given out', () => {
  const s = stream([10, 10]);
  const slicer = new StreamSlicer(s.offsets, s.lengths);
  expect(slicer.push(s.bytes.subarray(0, 9))).toEqual([]);
  expect(slicer.next).toBe(0);
  expect(slicer.push(s.bytes.subarray(9, 19)).map((one) => one.frame)).toEqual([0]);
  expect(slicer.next).toBe(1);
});

test('what comes behind the last frame is ignored, and slices do not share memory with chunks', () => {
  const s = stream([4]);
  const slicer = new StreamSlicer(s.offsets, s.lengths);
  const chunk = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const [one] = slicer.push(chunk);
  chunk.fill(0);
  expect([...(one?.bytes ?? [])]).toEqual([1, 2, 3, 4]);
  expect(slicer.push(chunk)).toEqual([]);
});
