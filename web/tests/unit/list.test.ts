import { describe, expect, test } from 'vitest';
import type { EventItem } from '../../src/api/types.ts';
import { withEvent, withPage } from '../../src/events/list.ts';
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
