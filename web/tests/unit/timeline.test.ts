/* The maths of the timeline: what holds whatever the view, the zone, the tiles that are here. */
import { describe, expect, test } from 'vitest';
import { localTime, offsets } from '../../src/time/zone.ts';
import { Kept } from '../../src/timeline/kept.ts';
import { heightOf, rowAt, rowsOf, usualLanes } from '../../src/timeline/rows.ts';
import { describe as say, momentBeside } from '../../src/timeline/say.ts';
import {
  silenceAt,
  silencesUpTo,
  silentTogether,
  withFrameAt,
} from '../../src/timeline/silence.ts';
import { clockTicks, ticksOf } from '../../src/timeline/ticks.ts';
import {
  addFrame,
  bucketAt,
  bucketMs,
  BUCKETS_S,
  cover,
  emptyTile,
  levelFor,
  tileMs,
  tilesOf,
  tilesOver,
  wantedTiles,
  windowsOf,
  type Tile,
} from '../../src/timeline/tiles.ts';
import {
  around,
  lengthOf,
  LONGEST,
  panned,
  partOf,
  pinched,
  sameView,
  SHORTEST,
  showing,
  timeAt,
  zoomed,
} from '../../src/timeline/view.ts';

/* The same numbers each time, so that what fails can be looked at. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2014-05-23T17:00:00Z');

describe('the view', () => {
  test('zooming keeps the time under the pointer, as long as it is not at a limit', () => {
    const next = random(1);
    let view = { from: NOON, to: NOON + DAY };
    for (let i = 0; i < 5000; i++) {
      const part = next();
      const before = timeAt(view, part);
      view = zoomed(view, part, Math.exp(next() * 4 - 2));
      expect(lengthOf(view)).toBeGreaterThanOrEqual(SHORTEST - 1);
      expect(lengthOf(view)).toBeLessThanOrEqual(LONGEST + 1);
      /* a microsecond is what a double of this size can tell */
      expect(Math.abs(timeAt(view, part) - before)).toBeLessThan(0.01);
    }
  });

  test('in and out again is where one was', () => {
    const view = { from: NOON, to: NOON + DAY };
    for (const part of [0, 0.3, 1]) {
      expect(sameView(zoomed(zoomed(view, part, 0.1), part, 10), view)).toBe(true);
    }
  });

  test('times under two fingers go with them', () => {
    const next = random(2);
    const view = { from: NOON, to: NOON + HOUR };
    for (let i = 0; i < 1000; i++) {
      const was: [number, number] = [next() * 0.4, 0.5 + next() * 0.4];
      const is: [number, number] = [next() * 0.4, 0.5 + next() * 0.4];
      const after = pinched(view, was, is);
      expect(timeAt(after, is[0])).toBeCloseTo(timeAt(view, was[0]), 0);
      expect(timeAt(after, is[1])).toBeCloseTo(timeAt(view, was[1]), 0);
    }
    /* fingers on one spot do not make it infinite */
    expect(lengthOf(pinched(view, [0.5, 0.5], [0, 1]))).toBeGreaterThanOrEqual(SHORTEST);
    expect(lengthOf(pinched(view, [0, 1], [0.5, 0.5]))).toBeLessThanOrEqual(LONGEST);
  });

  test('does not leave what there is, and keeps its length there', () => {
    const view = { from: DAY, to: 2 * DAY };
    expect(panned(view, -10 * DAY)).toEqual({ from: 0, to: DAY });
    const late = panned(view, 1e15);
    expect(lengthOf(late)).toBe(DAY);
    expect(partOf(view, 1.5 * DAY)).toBe(0.5);
  });

  test('moves no further than needed to show a time, and around a stretch with a margin', () => {
    const view = { from: NOON, to: NOON + HOUR };
    expect(showing(view, NOON + HOUR / 2)).toBe(view);
    const later = showing(view, NOON + 2 * HOUR);
    expect(lengthOf(later)).toBe(HOUR);
    expect(partOf(later, NOON + 2 * HOUR)).toBeCloseTo(0.95, 5);
    expect(partOf(showing(view, NOON), NOON)).toBeCloseTo(0.05, 5);
    expect(around(NOON, NOON + HOUR)).toEqual({ from: NOON - HOUR / 10, to: NOON + 1.1 * HOUR });
    expect(lengthOf(around(NOON, NOON))).toBe(SHORTEST);
  });
});

const ZONES = [
  'UTC',
  'America/Chicago',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Pacific/Apia',
];
/* Around changes of the clock, and where there is none. */
const DATES = ['2014-05-23', '2014-03-09', '2014-11-02', '2014-03-30', '2014-10-26', '2014-10-05'];

describe('ticks', () => {
  test('the clock shows a multiple of the step at each, and at no instant between', () => {
    for (const zone of ZONES) {
      for (const date of DATES) {
        const from = Date.parse(`${date}T00:00:00Z`) - 12 * HOUR;
        for (const step of [30 * 60_000, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR]) {
          const view = { from, to: from + 2 * DAY };
          const found = new Set(clockTicks(view, zone, step).map((tick) => tick.at));
          for (let at = view.from; at < view.to; at += 15 * 60_000) {
            const { hour, minute } = localTime(at, zone);
            const wanted = ((hour * 60 + minute) * 60_000) % step === 0;
            expect([zone, at, step, found.has(at)]).toEqual([zone, at, step, wanted]);
          }
        }
      }
    }
  });

  test('an hour that comes twice has its ticks twice, one that is left out none', () => {
    const labels = (day: string) =>
      clockTicks(
        { from: Date.parse(`${day}T05:00:00Z`), to: Date.parse(`${day}T10:00:00Z`) },
        'America/Chicago',
        HOUR,
      ).map((tick) => tick.label);
    expect(labels('2014-11-02')).toEqual(['00:00', '01:00', '01:00', '02:00', '03:00']);
    expect(labels('2014-03-09')).toEqual(['23:00', '00:00', '01:00', '03:00', '04:00']);
  });

  test('a stretch is cut just where the clock changes', () => {
    const parts = offsets(
      Date.parse('2014-03-01T00:00:00Z'),
      Date.parse('2014-12-01T00:00:00Z'),
      'America/Chicago',
    );
    expect(parts.map(({ from, offset }) => [new Date(from).toISOString(), offset / HOUR])).toEqual([
      ['2014-03-01T00:00:00.000Z', -6],
      ['2014-03-09T08:00:00.000Z', -5],
      ['2014-11-02T07:00:00.000Z', -6],
    ]);
  });

  test('at any zoom: in order, not too many, labels not too near, days where they begin', () => {
    const next = random(3);
    for (let i = 0; i < 300; i++) {
      const zone = ZONES[i % ZONES.length] as string;
      const length = SHORTEST * (LONGEST / SHORTEST) ** next();
      const from = Date.parse(`${DATES[i % DATES.length]}T00:00:00Z`) - length * next();
      const view = { from, to: from + length };
      const width = 320 + next() * 1600;
      const ticks = ticksOf(view, width, zone);
      expect(ticks.length).toBeLessThan(width / 8 + 8);
      const labelled = ticks.filter((tick) => tick.label);
      expect(labelled.length).toBeGreaterThanOrEqual(length > 15 * DAY ? 1 : 2);
      expect(labelled.length).toBeLessThan(width / 50 + 5);
      for (let n = 1; n < ticks.length; n++) {
        expect(ticks[n]?.at).toBeGreaterThan(ticks[n - 1]?.at ?? Infinity);
      }
      for (const tick of ticks) {
        expect(tick.at).toBeGreaterThanOrEqual(view.from);
        expect(tick.at).toBeLessThanOrEqual(view.to);
        if (!tick.strong) continue;
        expect(localTime(tick.at, zone).date).not.toBe(localTime(tick.at - 1, zone).date);
      }
    }
  });
});

describe('tiles', () => {
  test('each level is a multiple of the one before, so tiles have one parent', () => {
    BUCKETS_S.forEach((seconds, level) => {
      if (level > 0) expect(seconds % (BUCKETS_S[level - 1] ?? 1)).toBe(0);
    });
  });

  test('bars are wide enough, and buckets below a minute are asked for only when close', () => {
    for (let length = SHORTEST; length <= LONGEST; length *= 1.3) {
      const view = { from: NOON, to: NOON + length };
      for (const width of [320, 1280, 2560]) {
        const level = levelFor(view, width);
        const px = (bucketMs(level) / length) * width;
        if (level < BUCKETS_S.length - 1) expect(px).toBeGreaterThanOrEqual(3);
        const wanted = wantedTiles(view, width);
        expect(wanted[0]?.level).toBe(level);
        for (const { level: at, first, last } of wanted) {
          /* a call for four tiles stays below what the server answers from frames */
          if (bucketMs(at) < 60_000) expect(4 * tileMs(at)).toBeLessThanOrEqual(6 * HOUR);
          expect(last - first).toBeLessThan(40);
        }
        const seen = wanted[0];
        expect((seen?.first ?? 0) * tileMs(level)).toBeLessThanOrEqual(view.from);
        expect(((seen?.last ?? 0) + 1) * tileMs(level)).toBeGreaterThanOrEqual(view.to);
      }
    }
  });

  test('pieces never overlap, stay within the view, and have no hole above a coarser tile', () => {
    const next = random(4);
    for (let i = 0; i < 400; i++) {
      const level = Math.floor(next() * 8);
      const from = NOON + next() * DAY;
      const view = { from, to: from + tileMs(level) * (0.2 + next() * 4) };
      const here = new Map<string, Tile>();
      for (const at of [level - 2, level - 1, level, level + 1]) {
        if (at < 0 || at >= BUCKETS_S.length) continue;
        const [first, last] = tilesOver(at, view.from, view.to);
        for (let index = first; index <= last; index++) {
          if (next() < 0.5) here.set(`${at} ${index}`, emptyTile(at, index));
        }
      }
      const find = (at: number, index: number) => here.get(`${at} ${index}`);
      const pieces = cover(find, level, view);
      let end = view.from;
      for (const piece of pieces) {
        expect(piece.from).toBeGreaterThanOrEqual(end);
        expect(piece.to).toBeGreaterThan(piece.from);
        end = piece.to;
      }
      expect(end).toBeLessThanOrEqual(view.to);
      const [first, last] = tilesOver(Math.min(8, level + 1), view.from, view.to);
      for (let index = first; index <= last; index++) {
        here.set(`${level + 1} ${index}`, emptyTile(level + 1, index));
      }
      if (level + 1 >= BUCKETS_S.length) continue;
      const whole = cover(find, level, view);
      expect(whole[0]?.from).toBe(view.from);
      expect(whole[whole.length - 1]?.to).toBe(view.to);
      whole.forEach((piece, n) => {
        if (n > 0) expect(piece.from).toBe(whole[n - 1]?.to);
      });
    }
  });

  test('frames that come live give the tile that the server would have given', () => {
    const level = 4;
    const index = Math.floor(NOON / tileMs(level));
    const live = emptyTile(level, index);
    const start = index * tileMs(level);
    expect(addFrame(live, start - 1, [], false)).toBe(false);
    expect(addFrame(live, start + tileMs(level), [], false)).toBe(false);
    for (const [time, windows] of [
      [start, []],
      [start + 299_999, [3]],
      [start + 300_000, [1, 32, 33, 64]],
    ] as [number, number[]][]) {
      expect(addFrame(live, time, windows, windows.length > 0)).toBe(true);
    }
    const iso = (ms: number) => new Date(ms).toISOString();
    const [served] = tilesOf(
      {
        camera: 'a',
        from: '',
        to: '',
        bucket: 300,
        buckets: [
          { start: iso(start), frames: 2, motion_frames: 1, bytes: 0, windows: { 3: 1 } },
          {
            start: iso(start + 300_000),
            frames: 1,
            motion_frames: 1,
            bytes: 0,
            windows: { 1: 1, 32: 1, 33: 1, 64: 1 },
          },
        ],
      },
      { level, first: index, last: index },
    );
    expect(served).toEqual(live);
    expect(bucketAt(live, start + 1)).toEqual({ frames: 2, motion: 1, windows: [3] });
    expect(windowsOf(0x80000001, 0x80000001)).toEqual([1, 32, 33, 64]);
  });

  test('what is kept is bounded; what was used last stays', () => {
    const kept = new Kept<number>(3);
    [1, 2, 3].forEach((n) => kept.set(String(n), n));
    kept.get('1');
    kept.peek('2');
    kept.set('4', 4);
    expect([...kept.values()]).toEqual([3, 1, 4]);
  });
});

describe('silence', () => {
  const rhythm = { silentAfter: 100, silences: [{ from: 1000, to: 2000 }] };

  test('goes on from the last frame, when the camera is silent', () => {
    expect(silencesUpTo(rhythm, 5000, 5101, false)).toHaveLength(1);
    expect(silencesUpTo(rhythm, 5000, 5101, true)[1]).toEqual({ from: 5000, to: 5101, open: true });
    expect(silencesUpTo(rhythm, null, 5101, true)).toHaveLength(1);
    /* A clock that is ahead. */
    expect(silencesUpTo(rhythm, 6000, 5101, true)).toHaveLength(1);
    const open = silencesUpTo(rhythm, 5000, 9000, true);
    expect(silenceAt(open, 1999)).toMatchObject({ from: 1000 });
    expect(silenceAt(open, 2000)).toBeNull();
  });

  test('a frame ends one, a late frame cuts one in two', () => {
    expect(withFrameAt(rhythm, 5000, 5050)).toBe(rhythm);
    expect(withFrameAt(rhythm, 5000, 6000).silences[1]).toEqual({ from: 5000, to: 6000 });
    expect(withFrameAt(rhythm, 5000, 1950).silences).toEqual([{ from: 1000, to: 1950 }]);
    expect(withFrameAt(rhythm, 5000, 1500).silences).toEqual([
      { from: 1000, to: 1500 },
      { from: 1500, to: 2000 },
    ]);
  });

  test('of all cameras at once is where each of several was silent', () => {
    const list = (...pairs: [number, number][]) =>
      pairs.map(([from, to]) => ({ from, to, open: false }));
    expect(silentTogether([list([0, 10], [20, 30]), list([5, 25])])).toEqual([
      { from: 5, to: 10 },
      { from: 20, to: 25 },
    ]);
    expect(silentTogether([list([0, 10])])).toEqual([]);
    expect(silentTogether([list([0, 10]), list()])).toEqual([]);
  });
});

describe('rows', () => {
  test('lie below one another, with a lane for each window, one for all, or none', () => {
    const rows = rowsOf(['a', 'b'], [[1, 3], []], 'own');
    expect(rows.map((row) => row.lanes.length)).toEqual([2, 0]);
    expect(rows[1]?.top).toBe(rows[0]?.height);
    expect(heightOf(rows)).toBe((rows[0]?.height ?? 0) + (rows[1]?.height ?? 0));
    expect(rowsOf(['a'], [[1, 3]], 'one')[0]?.lanes).toHaveLength(1);
    expect(rowsOf(['a'], [[1, 3]], 'none')[0]?.lanes).toHaveLength(0);
    expect([-5, 3, 100, 5000].map((y) => rowAt(rows, y))).toEqual([0, 0, 1, 1]);
    expect(usualLanes([[1, 2], [3]])).toBe('own');
    expect(usualLanes([[1, 2, 3, 4, 5, 6, 7, 8, 9]])).toBe('one');
  });
});

describe('words', () => {
  const view = { from: NOON, to: NOON + HOUR };

  test('a time of another day says its day', () => {
    const other = momentBeside(NOON - DAY, NOON, 'America/Chicago', view);
    expect(other).toBe('Thu 22 May 12:00');
    expect(momentBeside(NOON + 5000, NOON, 'America/Chicago', view)).toBe('12:00:05');
  });

  test('what is known of a moment: to come, before the first, silent, quiet, or frames', () => {
    const level = 4;
    const tile = emptyTile(level, Math.floor(NOON / tileMs(level)));
    addFrame(tile, NOON, [2], true);
    const silence = { from: NOON + HOUR, to: NOON + 26 * HOUR, open: false };
    const known = { tile, silences: [silence], together: [], first: NOON, now: NOON + 3 * DAY };
    const at = (time: number, more = {}) => say({ ...known, ...more }, time, 'America/Chicago');
    expect(at(NOON + 1)).toBe('1 frame, 1 with motion in window 2');
    expect(at(NOON + HOUR / 2)).toBe('no frames');
    expect(at(NOON + 2 * HOUR)).toBe(
      'no pictures from 13:00 on Fri 23 May 2014 to 14:00 on Sat 24 May 2014 (25 h 00 min)',
    );
    expect(at(NOON + 2 * HOUR, { together: [silence] })).toContain('the server or the network');
    expect(at(NOON - HOUR)).toBe('before its first picture');
    expect(at(NOON + 4 * DAY)).toBe('still to come');
    expect(at(NOON + HOUR / 2, { tile: null })).toBe('not read yet');
  });
});
