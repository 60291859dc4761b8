/* What is played at once, and how one comes from one to the next. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { EventItem } from '../../src/api/types.ts';
import { courseOf } from '../../src/player/course.ts';
import {
  grown,
  partAt,
  stretchOf,
  timeBeside,
  withinPart,
  type Stretch,
} from '../../src/player/stretch.ts';
import { noFilter, type PlayRoute } from '../../src/routing/url.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2014-05-23T14:08:20Z');

function event(camera: string, start: number, end: number, frames: number): EventItem {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    camera,
    start: iso(start),
    end: iso(end),
    duration: (end - start) / 1000,
    frames,
    windows: [] as number[],
  } as EventItem;
}

/* A picture a second for a month. */
const always = event('street', START, START + 30 * DAY, 30 * 24 * 3600);
const short = event('street', START - DAY, START - DAY + 5000, 10);

const playRoute = (camera: string): PlayRoute => ({ page: 'play', camera, at: null, ...noFilter });

afterEach(() => vi.unstubAllGlobals());

/* Answers as the server would of these events. */
function serving(events: EventItem[]) {
  vi.stubGlobal('fetch', (url: string) => {
    const query = new URL(url, 'http://localhost').searchParams;
    const from = Number(query.get('from') ?? -Infinity);
    const to = Number(query.get('to') ?? Infinity);
    const cameras = query.getAll('camera');
    const found = events
      .filter((one) => cameras.includes(one.camera))
      .filter((one) => Date.parse(one.end) >= from && Date.parse(one.start) <= to)
      .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
    if (query.get('sort') === '-time') found.reverse();
    const page = found.slice(0, Number(query.get('limit')));
    const body = JSON.stringify({ events: page, total: found.length, next: null });
    return Promise.resolve(new Response(body, { headers: { 'Content-Type': 'application/json' } }));
  });
}

test('an event of few frames is played whole, however long it is', () => {
  const slow = event('field', START, START + 300 * DAY, 20_000);
  const { start, end, whole } = stretchOf(slow, START + 7 * DAY);
  expect([start, end]).toEqual([START, START + 300 * DAY]);
  expect(whole).toEqual({ start, end });
});

test.each([
  [30 * 24 * 3600, 30 * DAY],
  [20_001, DAY],
  [20_001, 1000],
  [5_000_000, HOUR],
])('parts of %i frames in %i ms lie side by side and are of a size', (frames, length) => {
  const whole = { start: START, end: START + length };
  let part = partAt(whole, frames, START);
  expect(part.start).toBe(START);
  for (let i = 0; part.end < whole.end && i < 10_000; i++) {
    const next = partAt(whole, frames, part.end + 1);
    expect(next.start).toBe(part.end + 1);
    expect(partAt(whole, frames, next.end)).toEqual(next);
    const most = Math.max(20_000, (frames / length) * 60_000);
    expect(((next.end - next.start) * frames) / length).toBeLessThanOrEqual(most);
    part = next;
  }
  expect(part.end).toBe(whole.end);
});

test('only the last part grows with its event', () => {
  const later = event('street', START, START + 31 * DAY, 31 * 24 * 3600);
  const first = grown(stretchOf(always), later);
  expect(first.end).toBe(stretchOf(always).end);
  expect(first.whole.end).toBe(START + 31 * DAY);
  expect(timeBeside(first, 1)).toBe(first.end + 1);
  const last = grown(stretchOf(always, START + 30 * DAY), later);
  expect(last.end).toBe(START + 31 * DAY);
  expect(timeBeside(last, 1)).toBe(null);
});

test('what is deleted or exported is no more than what is shown', () => {
  const part = stretchOf(always, START + 12 * DAY);
  const shown = withinPart({ ...always, bytes: 1e9 }, part);
  expect([Date.parse(shown.start), Date.parse(shown.end)]).toEqual([part.start, part.end]);
  expect(shown.frames).toBeCloseTo((part.end - part.start) / 1000, -1);
  expect(shown.bytes / 1e9).toBeCloseTo(shown.frames / always.frames, 4);
  expect(withinPart(short, stretchOf(short))).toBe(short);
  const visit = event('gate', part.end - 4000, part.end + 9000, 20);
  expect(withinPart(visit, part)).toMatchObject({ start: visit.start, frames: 6 });
});

describe('of a camera that always sends', () => {
  const course = () => {
    serving([short, always]);
    return courseOf(playRoute('street'), [], () => null);
  };

  test('a time is found in its part, the newest in the last', async () => {
    const at = START + 12 * DAY + 1234;
    const part = await course().at(at);
    expect(part?.start).toBeLessThanOrEqual(at);
    expect(part?.end).toBeGreaterThanOrEqual(at);
    expect((part?.end ?? 0) - (part?.start ?? 0)).toBeLessThan(6 * HOUR);
    expect((await course().at(null))?.end).toBe(START + 30 * DAY);
  });

  test('one part comes after the other, then the next event, both ways', async () => {
    const seen: Stretch[] = [];
    for (let at = await course().at(START - DAY); at; at = await course().next(at, 1))
      seen.push(at);
    expect(seen[0]?.event).toEqual(short);
    expect(seen[1]?.start).toBe(START);
    expect(seen[seen.length - 1]?.end).toBe(START + 30 * DAY);
    const back: Stretch[] = [];
    for (let at = await course().at(null); at; at = await course().next(at, -1)) back.push(at);
    expect(back.reverse()).toEqual(seen);
  });
});

test('several cameras of which one always sends are played in parts too', async () => {
  const visit = event('gate', START + 3 * DAY, START + 3 * DAY + 9000, 20);
  serving([always, visit]);
  const course = courseOf({ ...playRoute('street'), beside: ['gate'] }, [], () => null);
  const part = await course.at(START + 3 * DAY + 4000);
  expect(part?.events.map((one) => one.camera)).toEqual(['street', 'gate']);
  expect((part?.end ?? 0) - (part?.start ?? 0)).toBeLessThan(6 * HOUR);
  const next = part && (await course.next(part, 1));
  expect(next?.start).toBe((part?.end ?? 0) + 1);
  expect(next?.events.map((one) => one.camera)).toEqual(['street']);
});
