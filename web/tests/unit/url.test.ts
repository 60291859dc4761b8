import { expect, test } from 'vitest';
import { parseRoute, routeUrl } from '../../src/routing/url.ts';

const parse = (url: string) => {
  const { pathname, search } = new URL(url, 'http://x');
  return parseRoute(pathname, search);
};

test.each([
  '/cameras',
  '/day/2014-05-23?camera=courtyard',
  '/day/2014-05-23?camera=courtyard&dwell=10&window=1&window=3&sort=-time',
  '/day?camera=gate',
  '/play?camera=a+b%26c&at=2014-05-23T14:08:20.529Z&dwell=2.5&window=3',
  '/play?camera=a&at=2014-05-23T14:08:20.529Z&window=3&kind=motion&hours=22:00-06:00&weekday=sat',
  '/play?camera=b&camera=a&at=2014-05-23T14:08:20.529Z&window=3',
  '/play?camera=a&at=2014-05-23T14:08:20.529Z&window=3&among=a&among=b&from=2014-05-01&to=2014-05-23&sort=-duration',
  '/play?camera=a&sort=-time',
  '/',
  '/cameras/front%20door',
  '/calendar',
  '/calendar/2014-05?camera=courtyard',
  '/events',
  '/events?camera=a&camera=b&from=2014-05-01&to=2014-05-23&dwell=10&window=3&window=8&kind=input&kind=motion&hours=08:00-24:00&weekday=mon&weekday=sun&sort=-duration',
  '/day/2014-05-23?camera=courtyard&camera=gate',
  '/day/2014-05-23?camera=*&from=2014-05-23T14:00:00.000Z&to=2014-05-23T15:00:00.000Z',
  '/day/2014-05-23?camera=a&camera=b&zone=Europe/Berlin&window=3',
  '/nowhere/else',
])('%s is kept as it is', (url) => {
  expect(routeUrl(parse(url))).toBe(url);
});

test('several cameras have no list, and are not more than a screen can show', () => {
  expect(parse('/play?camera=a&camera=b&camera=a&sort=-time')).toMatchObject({
    camera: 'a',
    beside: ['b'],
  });
  expect(parse('/play?camera=a&camera=b&sort=-time')).not.toHaveProperty('list');
  const many = Array.from({ length: 20 }, (_, i) => `camera=${i}`).join('&');
  expect(parse(`/play?${many}`)).toMatchObject({ camera: '0', beside: [...'12345678'] });
  expect(parse('/play?camera=a&sort=nice&among=a')).not.toHaveProperty('list');
});

test('a time may be milliseconds', () => {
  expect(parse('/play?camera=a&at=1400854100529')).toMatchObject({ at: 1400854100529 });
});

test('ill-formed parts count as not said', () => {
  expect(parse('/day/2014-05-23?dwell=0&window=x&window=65&window=0&sort=nice')).toEqual({
    page: 'day',
    date: '2014-05-23',
    camera: null,
    dwell: null,
    windows: [],
    sort: 'time',
  });
  expect(
    parse(
      '/events?from=2014-02-30&to=x&hours=08:00-08:00&weekday=so&kind=A%20b&sort=cover&camera=&reviewed=yes&pinned=&noted=1',
    ),
  ).toEqual({
    page: 'events',
    cameras: [],
    from: null,
    to: null,
    dwell: null,
    windows: [],
    kinds: [],
    weekdays: [],
    hours: null,
    reviewed: null,
    pinned: null,
    noted: null,
    sort: '-time',
  });
  for (const hours of ['24:00-06:00', '8:00-12:00', '08:60-12:00', '08:00-24:01', '']) {
    expect(parse(`/events?hours=${hours}`)).toMatchObject({ hours: null });
  }
  expect(parse('/day/2014-05-23?from=5&to=4')).not.toHaveProperty('span');
  expect(parse('/day/2014-05-23?from=0&to=999999999999999')).not.toHaveProperty('span');
  expect(parse('/day/2014-05-23?from=0&to=8640000002')).not.toHaveProperty('span');
  expect(parse('/day/2014-05-23?from=0&to=8640000000')).toHaveProperty('span');
  expect(parse('/play?camera=a&at=999999999999999')).toHaveProperty('at', null);
  expect(parse('/day/2014-05-23?from=5')).not.toHaveProperty('span');
  expect(parse('/play?at=yesterday')).toMatchObject({ at: null, camera: null });
  expect(parse('/play?at=2014-99-99T00:00Z')).toMatchObject({ at: null });
});

test('days that are none and other paths are missing pages', () => {
  for (const path of [
    '/day/2014-02-30',
    '/calendar/2014-13',
    '/cameras/%ff',
    '/day/2014-05-23/x',
    '/cameras/x/y',
    '/Play',
  ]) {
    expect(parse(path).page).toBe('missing');
  }
});

test('windows are sorted and not doubled; the root and a trailing slash are known', () => {
  expect(parse('/day/2014-05-23?window=3&window=1&window=3')).toMatchObject({ windows: [1, 3] });
  expect(parse('/').page).toBe('wall');
  expect(parse('/cameras/').page).toBe('cameras');
});

test('what was said of events is in the address, both ways', () => {
  for (const address of [
    '/events?reviewed=false',
    '/events?reviewed=true&pinned=false&noted=true',
  ]) {
    expect(routeUrl(parse(address))).toBe(address);
  }
  expect(parse('/events?reviewed=false')).toMatchObject({ reviewed: false, pinned: null });
});
