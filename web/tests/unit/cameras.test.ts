/* What the cameras' pages work out by themselves: boxes, health in words, refusals, pieces of paths. */
import { expect, test } from 'vitest';
import type { Camera, LogLine } from '../../src/api/types.ts';
import { clockWords, healthLines } from '../../src/cameras/health.ts';
import { silenceOf } from '../../src/cameras/silence.ts';
import { piecesOf } from '../../src/cameras/pieces.ts';
import { refusalOf } from '../../src/cameras/refusal.ts';
import {
  drawn,
  freeNumber,
  GRIPS,
  LEAST,
  moved,
  resized,
  twiceUsed,
  type Box,
} from '../../src/cameras/windows.ts';

/* ---- boxes ---- */

let seed = 7;
function random(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}

function inside(box: Box) {
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.width).toBeGreaterThanOrEqual(LEAST - 2e-5);
  expect(box.height).toBeGreaterThanOrEqual(LEAST - 2e-5);
  /* As the server counts: in hundred-thousandths. */
  expect(Math.round(box.x * 1e5) + Math.round(box.width * 1e5)).toBeLessThanOrEqual(1e5);
  expect(Math.round(box.y * 1e5) + Math.round(box.height * 1e5)).toBeLessThanOrEqual(1e5);
}

test('whatever is drawn, moved and pulled stays a box inside the picture', () => {
  let box = drawn(0.2, 0.2, 0.5, 0.5);
  for (let i = 0; i < 4000; i++) {
    const [dx, dy] = [random() * 1.6 - 0.8, random() * 1.6 - 0.8];
    const what = Math.floor(random() * 3);
    if (what === 0) box = drawn(random() * 1.4 - 0.2, random() * 1.4 - 0.2, random(), random());
    else if (what === 1) box = moved(box, dx, dy);
    else box = resized(box, GRIPS[Math.floor(random() * GRIPS.length)]!, dx, dy);
    inside(box);
  }
});

test('moving keeps the size, pulling keeps the other edges', () => {
  const box = drawn(0.1, 0.2, 0.4, 0.6);
  expect(box).toEqual({ x: 0.1, y: 0.2, width: 0.3, height: 0.4 });
  expect(moved(box, 5, -5)).toEqual({ x: 0.7, y: 0, width: 0.3, height: 0.4 });
  expect(resized(box, { x: 1, y: 0 }, 0.1, 0.3)).toEqual({ ...box, width: 0.4 });
  expect(resized(box, { x: -1, y: -1 }, 0.1, 0.1)).toEqual({
    x: 0.2,
    y: 0.3,
    width: 0.2,
    height: 0.3,
  });
  expect(resized(box, { x: -1, y: 0 }, 5, 0).width).toBeCloseTo(LEAST);
  expect(drawn(0.9, 0.9, 0.9, 0.9)).toEqual(drawn(0.9, 0.9, 0.91, 0.91));
  expect(drawn(1, 1, 1, 1)).toEqual({ x: 0.99, y: 0.99, width: 0.01, height: 0.01 });
});

test('numbers of windows', () => {
  expect(freeNumber([])).toBe(1);
  expect(freeNumber([{ window: 1 }, { window: 3 }])).toBe(2);
  const all = Array.from({ length: 64 }, (_, i) => ({ window: i + 1 }));
  expect(freeNumber(all)).toBe(0);
  expect(twiceUsed(all)).toBe(null);
  expect(twiceUsed([...all, { window: 5 }])).toBe(5);
});

/* ---- health ---- */

const NOW = Date.parse('2014-05-23T12:00:00Z');
const healthy: Camera = {
  name: 'yard',
  mac: null,
  model: null,
  timezone: 'UTC',
  dwell: 3,
  template: null,
  windows: [],
  frames: 5,
  motion_frames: 0,
  bytes: 9,
  first: null,
  last: null,
  last_received: '2014-05-23T11:59:59Z',
  state: 'live',
  latest: { id: '1-1-0', time: '2014-05-23T11:59:59Z', url: '', windows: [], width: 1, height: 1 },
  account: 'yard',
  new: false,
  disabled: false,
  rejected: 0,
  health: {
    rate: 12,
    usual_rate: 13.4,
    usual_days: 7,
    clock_skew: 0.3,
    time_source: 'vendor',
    silent_since: null,
    silent_after: null,
    overdue: false,
    rejected: [],
  },
};
const words = (change: Partial<Camera>, health: Partial<Camera['health']> = {}) =>
  healthLines({ ...healthy, ...change, health: { ...healthy.health, ...health } }, NOW);

test('a healthy camera has nothing to warn of', () => {
  const lines = words({});
  expect(lines.map((line) => line.level)).toEqual(['good', 'good', 'info', 'good']);
  expect(lines[2]?.text).toBe(
    '12 pictures in the last hour, usually 13 pictures at this time (7 days)',
  );
});

test('the clock in plain words', () => {
  expect(clockWords(0.4).text).toBe('The clock is right');
  expect(clockWords(-9).level).toBe('good');
  expect(clockWords(25)).toEqual({ level: 'info', text: 'The clock is 25 s behind' });
  expect(clockWords(183).text).toBe('The clock is 3 min behind');
  expect(clockWords(-183).text).toBe('The clock is 3 min ahead');
  expect(clockWords(183).help).toContain('NTP');
  expect(clockWords(-5 * 3600 + 4).help).toContain('time zone');
  expect(clockWords(-5 * 3600 + 4).text).toBe('The clock is 5 h 00 min ahead');
  expect(clockWords(5.75 * 3600).help).toContain('time zone');
  expect(clockWords(5.6 * 3600).help).not.toContain('time zone');
  expect(clockWords(9 * 86_400).text).toBe('The clock is 9 d behind');
});

test('what is not known is not made up', () => {
  expect(words({}, { clock_skew: null })[1]?.level).toBe('info');
  expect(words({}, { clock_skew: null, time_source: 'received' })[1]?.text).toContain('no time');
  expect(words({ latest: null }, { time_source: null }).map((line) => line.text)).toEqual([
    'No picture has come yet',
    'Nothing was refused',
  ]);
  expect(words({}, { usual_rate: null, usual_days: 0 })[2]?.text).toContain('after a day');
});

test('silence is a warning only against its rhythm', () => {
  const silent_since = '2014-05-23T10:00:00Z';
  expect(words({ state: 'quiet' }, { silent_since })[0]).toEqual({
    what: 'Pictures',
    level: 'info',
    text: 'The last picture came 2 hours ago',
  });
  const since = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();
  const said = (hours: number, change: Partial<Camera> = {}) => {
    const camera = { state: 'quiet' as const, last_received: since(hours), ...change };
    return words(camera, { silent_since: since(hours), silent_after: 7200 })[0];
  };
  expect(said(2)?.level).toBe('info');
  expect(said(2.001)?.level).toBe('warn');
  expect(said(2.001, { disabled: true })?.level).toBe('info');
});

test('the wall, the page of a camera and the timeline mean the same by silent', () => {
  const last_received = new Date(NOW - 7200_000).toISOString();
  const of = (change: Partial<Camera>, silent_after: number | null) =>
    ({
      ...healthy,
      last_received,
      ...change,
      health: { ...healthy.health, silent_after },
    }) as Camera;
  expect(silenceOf(of({ state: 'quiet' }, 7200), NOW)).toBe('quiet');
  expect(silenceOf(of({ state: 'quiet' }, 7200), NOW + 1)).toBe('silent');
  expect(silenceOf(of({ state: 'quiet' }, null), NOW + 1e12)).toBe('quiet');
  expect(silenceOf(of({ state: 'live' }, 7200), NOW + 1e12)).toBe('live');
  expect(silenceOf(of({ state: 'empty', last_received: null }, 7200), NOW)).toBe('empty');
});

test('refusals by reason', () => {
  const rejected = [
    { reason: 'incomplete', count: 3 },
    { reason: 'cut', count: 1 },
  ];
  expect(words({ rejected: 4 }, { rejected })[3]).toEqual({
    what: 'Refused',
    level: 'info',
    text: '4 uploads refused',
    help: 'the picture has no end (3), the connection was cut (1)',
  });
});

/* ---- what was said ---- */

const line = (seconds: number, text: string, from: LogLine['from'] = 'server'): LogLine => ({
  time: new Date(NOW + seconds * 1000).toISOString(),
  peer: '10.0.0.7',
  from,
  text,
});

test('the last thing that says anything is believed', () => {
  expect(refusalOf([], NOW)).toBe(null);
  expect(refusalOf([line(1, '220 cctvweb')], NOW)).toBe(null);
  const wrong = [line(1, 'USER yard', 'camera'), line(2, '530 Wrong user or password')];
  expect(refusalOf(wrong, NOW)).toBe('wrongLogin');
  expect(refusalOf([...wrong, line(3, '230 Welcome')], NOW)).toBe('connected');
  const data = [...wrong, line(3, '230 Welcome'), line(4, '425 No data connection')];
  expect(refusalOf(data, NOW)).toBe('noData');
  /* It logs in for each file: that alone makes nothing better. */
  expect(refusalOf([...data, line(5, '230 Welcome')], NOW)).toBe('noData');
  expect(refusalOf([...data, line(6, '226 Stored')], NOW)).toBe('connected');
  /* Of an earlier try. */
  expect(refusalOf(wrong, NOW + 60_000)).toBe(null);
  expect(refusalOf([line(1, '530 is what I say', 'camera')], NOW)).toBe(null);
});

/* ---- pieces of paths ---- */

test('a path is cut into what was found, whatever its letters', () => {
  const path = '/Tür/2014-05/日.jpg';
  const bytes = new TextEncoder().encode(path);
  const at = (text: string) => new TextEncoder().encode(path.slice(0, path.indexOf(text))).length;
  const part = (text: string, means: string) => ({
    at: at(text),
    length: new TextEncoder().encode(text).length,
    text,
    means,
  });
  const parts = [
    part('Tür', 'name'),
    part('2014', 'year'),
    part('05', 'month'),
    part('日', 'text'),
  ];
  const pieces = piecesOf({ path, parts, stops: null });
  expect(pieces.map((piece) => piece.text).join('')).toBe(path);
  expect(pieces.filter((piece) => piece.means).map((piece) => piece.text)).toEqual([
    'Tür',
    '2014',
    '05',
    '日',
  ]);
  expect(pieces.some((piece) => piece.beyond)).toBe(false);
  const stops = { at: at('日'), template_at: 3, wanted: 'hour', literal: null };
  const cut = piecesOf({ path, parts: [], stops });
  expect(cut.map((piece) => [piece.text, piece.beyond])).toEqual([
    ['/Tür/2014-05/', false],
    ['日.jpg', true],
  ]);
  const end = { ...stops, at: bytes.length };
  expect(piecesOf({ path, parts: [], stops: end }).map((piece) => piece.text)).toEqual([path]);
  expect(piecesOf({ path: '', parts: [], stops: null })).toEqual([]);
});
