import { describe, expect, test } from 'vitest';
import type { EventItem } from '../../src/api/types.ts';
import { withEvent, withPage, withStretch } from '../../src/events/list.ts';
import { EVENT_SORTS } from '../../src/routing/url.ts';

function event(start: number, end: number, frames = 1): EventItem {
  const iso = (s: number) => new Date(s * 1000).toISOString();
  return {
    start: iso(start),
    end: iso(end),
    duration: end - start,
    frames,
    windows: [] as number[],
  } as EventItem;
}
const starts = (list: EventItem[]) => list.map((one) => Date.parse(one.start) / 1000);

test('a page does not double what came live before it', () => {
  const list = [event(1, 2), event(5, 6)];
  expect(starts(withPage(list, [event(5, 6), event(9, 9)]))).toEqual([1, 5, 9]);
});

describe('an event as it now stands', () => {
  const list = [event(10, 20, 3), event(30, 40, 9), event(50, 60, 5)];

  test('that is new goes where the order wants it', () => {
    expect(starts(withEvent(list, event(25, 26), 'time', true).list)).toEqual([10, 25, 30, 50]);
    const latest = [...list].reverse();
    expect(starts(withEvent(latest, event(70, 71), '-time', false).list)).toEqual([70, 50, 30, 10]);
  });

  test('that has grown takes its own place', () => {
    const merged = withEvent(list, event(50, 65), 'time', true);
    expect(starts(merged.list)).toEqual([10, 30, 50]);
    expect(merged.added).toBe(0);
  });

  test('that joins two takes the place of both', () => {
    const merged = withEvent(list, event(10, 40), 'time', true);
    expect(starts(merged.list)).toEqual([10, 50]);
    expect(merged.added).toBe(-1);
  });

  test('behind the end of a list that goes on is left to its page', () => {
    expect(withEvent(list, event(70, 71), 'time', false)).toEqual({ list, added: 0 });
    expect(withEvent(list, event(70, 71), 'time', true).added).toBe(1);
  });

  test('another camera at the same time is another event', () => {
    const other = { ...event(10, 20), camera: 'gate' };
    expect(withEvent(list, other, 'time', true)).toMatchObject({ added: 1 });
    expect(withPage(list, [other])).toHaveLength(4);
  });

  test.each([...EVENT_SORTS])('keeps the order %s whatever comes in whichever order', (sort) => {
    const events = Array.from({ length: 40 }, (_, i) => {
      const start = ((i * 17) % 40) * 100;
      const one = event(start, start + ((i * 7) % 50), (i * 13) % 40);
      return { ...one, windows: i % 5 === 0 ? [] : [(i % 4) + 1, 9] };
    });
    let shown: EventItem[] = [];
    for (const one of events) shown = withEvent(shown, one, sort, true).list;
    const down = sort.startsWith('-');
    const key = (one: EventItem) => {
      if (sort.endsWith('duration')) return one.duration;
      if (sort.endsWith('frames')) return one.frames;
      if (sort.endsWith('windows')) return one.windows[0] ?? (down ? 0 : 65);
      return 0;
    };
    const time = (one: EventItem) => Date.parse(one.start);
    const want = [...events].sort((a, b) => key(a) - key(b) || time(a) - time(b));
    if (down) want.reverse();
    expect(starts(shown)).toEqual(starts(want));
  });
});

describe('a stretch read anew', () => {
  const of = (start: number, end: number, camera = 'a') => ({ ...event(start, end), camera });
  const list = [of(10, 20), of(15, 16, 'b'), of(30, 40), of(50, 60)];
  const stretch = { camera: 'a', from: 35_000, to: 55_000 };

  test('takes the place of all that touches it, of its camera alone', () => {
    expect(starts(withStretch(list, stretch, [], 'time', true))).toEqual([10, 15]);
    const fresh = [of(30, 34), of(36, 40), of(50, 60)];
    expect(starts(withStretch(list, stretch, fresh, 'time', true))).toEqual([10, 15, 30, 36, 50]);
    const latest = [...list].reverse();
    expect(starts(withStretch(latest, stretch, fresh, '-time', true))).toEqual([
      50, 36, 30, 15, 10,
    ]);
  });

  test('leaves what lies behind the list to its page', () => {
    const fresh = [of(36, 40), of(50, 60), of(70, 80)];
    const wide = { ...stretch, to: 99_000 };
    expect(starts(withStretch(list, wide, fresh, 'time', false))).toEqual([10, 15, 36, 50]);
    expect(starts(withStretch(list, wide, fresh, 'time', true))).toEqual([10, 15, 36, 50, 70]);
    expect(starts(withStretch([], wide, fresh, 'time', false))).toEqual([36, 50, 70]);
  });

  test('is the list as if it had been read whole, in every order', () => {
    for (const sort of EVENT_SORTS) {
      for (let seed = 1; seed < 40; seed++) {
        const random = (n: number, k: number) => (seed * 7919 + k * 104729 + k * k * 31) % n;
        const all = Array.from({ length: 12 }, (_, k) => {
          const start = k * 100;
          const camera = k % 3 === 0 ? 'b' : 'a';
          const item = { ...event(start, start + random(90, k), random(5, k)), camera };
          return { ...item, windows: random(3, k) === 0 ? [] : [random(4, k) + 1] };
        });
        const whole = withStretch([], { camera: 'x', from: 0, to: 0 }, all, sort, true);
        const from = random(12, 99) * 100_000;
        const to = from + random(600, 98) * 1000;
        const touched = (one: EventItem) =>
          one.camera === 'a' && Date.parse(one.end) >= from && Date.parse(one.start) <= to;
        const old = whole.filter((one) => !touched(one) || random(2, one.frames) === 0);
        const again = withStretch(
          old,
          { camera: 'a', from, to },
          whole.filter(touched),
          sort,
          true,
        );
        expect(starts(again)).toEqual(starts(whole));
      }
    }
  });
});
