/* What the address bar says, as data, both ways. Ill-formed parts fall back to "not said". */
import { isDate } from '../time/zone.ts';
import { LONGEST } from '../timeline/view.ts';

export const SORTS = ['time', '-time', '-duration', '-frames'] as const;
export type Sort = (typeof SORTS)[number];
export const EVENT_SORTS = [
  '-time',
  'time',
  '-duration',
  'duration',
  '-frames',
  'frames',
  'windows',
  '-windows',
] as const;
export type EventSort = (typeof EVENT_SORTS)[number];
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Which of the events: split by dwell (null: the camera's own), with any of what is listed. */
export interface Filter {
  dwell: number | null;
  windows: number[];
  kinds: string[];
  weekdays: Weekday[];
  /** Time of day of the start, 22:00-06:00, the end not in it. */
  hours: string | null;
  /** What was said of them: true, false, or (null) either. */
  reviewed: boolean | null;
  pinned: boolean | null;
  noted: boolean | null;
}
/** Events of one camera. */
export interface Selection extends Filter {
  camera: string | null;
}

export interface WallRoute {
  page: 'wall';
}
export interface CamerasRoute {
  page: 'cameras';
}
export interface CameraRoute {
  page: 'camera';
  name: string;
}
export interface CalendarRoute {
  page: 'calendar';
  month: string | null /* 2014-05 */;
  camera: string | null;
}
export interface DayRoute extends Pick<Selection, 'camera' | 'dwell' | 'windows'> {
  page: 'day';
  date: string | null;
  sort: Sort;
  /** Cameras below the first one; the first may be ALL_CAMERAS instead. */
  beside?: string[];
  /** What is seen of the time, when it is not just that day. */
  span?: { from: number; to: number };
  /** Which of its cameras' zones the times are in; not said: that of the first. */
  zone?: string;
}
export const ALL_CAMERAS = '*';
export interface EventsRoute extends Filter {
  page: 'events';
  cameras: string[];
  from: string | null /* the first and the last day */;
  to: string | null;
  sort: EventSort;
}
/** A list of events as the event browser shows it: in this order next and previous go through it. */
export interface PlayList {
  among: string[] /* cameras; none: all */;
  from: string | null /* the first and the last day */;
  to: string | null;
  sort: EventSort;
}
export interface PlayRoute extends Selection {
  page: 'play';
  at: number | null;
  /** Cameras that are shown beside the first one, on its clock. */
  beside?: string[];
  /** Not said: events follow one another as they happened. */
  list?: PlayList;
}
export interface SystemRoute {
  page: 'system';
}
export interface MissingRoute {
  page: 'missing';
  path: string;
}
export type Route =
  | WallRoute
  | CamerasRoute
  | CameraRoute
  | CalendarRoute
  | DayRoute
  | EventsRoute
  | PlayRoute
  | SystemRoute
  | MissingRoute;

export const noFilter: Filter = {
  dwell: null,
  windows: [],
  kinds: [],
  weekdays: [],
  hours: null,
  reviewed: null,
  pinned: null,
  noted: null,
};

/** The filter of something that has one, and nothing else of it, always in this order. */
export function filterOf(has: Filter): Filter {
  const { dwell, windows, kinds, weekdays, hours, reviewed, pinned, noted } = has;
  return { dwell, windows, kinds, weekdays, hours, reviewed, pinned, noted };
}

export function isHours(text: string | null): text is string {
  const parts = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/.exec(text ?? '');
  return parts !== null && text?.slice(0, 5) !== text?.slice(6);
}

const flagOf = (text: string | null) => (text === 'true' ? true : text === 'false' ? false : null);

function filterIn(query: URLSearchParams): Filter {
  const dwell = Number(query.get('dwell') ?? NaN);
  const windows = query
    .getAll('window')
    .map(Number)
    .filter((n) => Number.isInteger(n) && n >= 1 && n <= 64);
  const kinds = query.getAll('kind').filter((kind) => /^[a-z][a-z0-9_-]{0,30}$/.test(kind));
  const hours = query.get('hours');
  return {
    dwell: dwell >= 1 && dwell <= 86400 ? dwell : null,
    windows: [...new Set(windows)].sort((a, b) => a - b),
    kinds: [...new Set(kinds)].sort(),
    weekdays: WEEKDAYS.filter((day) => query.getAll('weekday').includes(day)),
    hours: isHours(hours) ? hours : null,
    reviewed: flagOf(query.get('reviewed')),
    pinned: flagOf(query.get('pinned')),
    noted: flagOf(query.get('noted')),
  };
}

const YEAR_10000 = 253_402_300_800_000;

function instantOf(text: string | null): number | null {
  if (!text) return null;
  const iso = /^\d{4}-\d{2}-\d{2}T/.test(text);
  if (!iso && !/^\d{1,15}$/.test(text)) return null;
  const ms = iso ? Date.parse(text) : Number(text);
  return ms < YEAR_10000 ? ms : null;
}

const dateOf = (text: string | null) => (text && isDate(text) ? text : null);

function segmentOf(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const namesOf = (query: URLSearchParams, parameter: string) => [
  ...new Set(query.getAll(parameter).filter((name) => name)),
];

/** As many pictures as a screen and a tab can bear. */
export const CAMERAS_MOST = 9;

function playOf(query: URLSearchParams): PlayRoute {
  const [camera = null, ...beside] = namesOf(query, 'camera').slice(0, CAMERAS_MOST);
  const route: PlayRoute = {
    page: 'play',
    camera,
    ...filterIn(query),
    at: instantOf(query.get('at')),
  };
  const sort = query.get('sort') as EventSort;
  /* A list may lead from camera to camera; several at once have only the time in common. */
  if (beside.length > 0) return { ...route, beside };
  if (!EVENT_SORTS.includes(sort)) return route;
  const among = namesOf(query, 'among').sort();
  const [from, to] = [dateOf(query.get('from')), dateOf(query.get('to'))];
  return { ...route, list: { among, from, to, sort } };
}

function dayOf(date: string | null, query: URLSearchParams): DayRoute {
  const [camera = null, ...beside] = namesOf(query, 'camera');
  const { dwell, windows } = filterIn(query);
  const sort = query.get('sort') as Sort;
  const route: DayRoute = {
    page: 'day',
    date,
    camera,
    dwell,
    windows,
    sort: SORTS.includes(sort) ? sort : 'time',
  };
  const [from, to] = [instantOf(query.get('from')), instantOf(query.get('to'))];
  const zone = query.get('zone');
  if (beside.length > 0) route.beside = beside;
  if (from !== null && to !== null && from < to && to - from <= LONGEST + 1)
    route.span = { from, to };
  if (zone) route.zone = zone;
  return route;
}

export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const clean = path.replace(/\/+$/, '') || '/';
  const camera = query.get('camera') || null;
  if (clean === '/') return { page: 'wall' };
  if (clean === '/cameras') return { page: 'cameras' };
  if (clean === '/system') return { page: 'system' };
  if (clean === '/play') return playOf(query);
  if (clean === '/events') {
    const sort = query.get('sort') as EventSort;
    return {
      page: 'events',
      cameras: namesOf(query, 'camera').sort(),
      from: dateOf(query.get('from')),
      to: dateOf(query.get('to')),
      ...filterIn(query),
      sort: EVENT_SORTS.includes(sort) ? sort : '-time',
    };
  }
  const day = /^\/day(?:\/([^/]+))?$/.exec(clean);
  if (day && (!day[1] || isDate(day[1]))) return dayOf(day[1] ?? null, query);
  const month = /^\/calendar(?:\/([^/]+))?$/.exec(clean);
  if (month && (!month[1] || isDate(`${month[1]}-01`))) {
    return { page: 'calendar', month: month[1] ?? null, camera };
  }
  const one = /^\/cameras\/([^/]+)$/.exec(clean);
  const name = one?.[1] ? segmentOf(one[1]) : null;
  if (name) return { page: 'camera', name };
  return { page: 'missing', path };
}

function addFilter(query: URLSearchParams, filter: Filter): void {
  if (filter.dwell !== null) query.set('dwell', String(filter.dwell));
  for (const window of filter.windows) query.append('window', String(window));
  for (const kind of filter.kinds) query.append('kind', kind);
  if (filter.hours) query.set('hours', filter.hours);
  for (const day of filter.weekdays) query.append('weekday', day);
  for (const name of ['reviewed', 'pinned', 'noted'] as const) {
    if (filter[name] !== null) query.set(name, String(filter[name]));
  }
}

function addList(query: URLSearchParams, list: PlayList): void {
  for (const camera of list.among) query.append('among', camera);
  if (list.from) query.set('from', list.from);
  if (list.to) query.set('to', list.to);
  query.set('sort', list.sort);
}

function pathOf(route: Route): string {
  switch (route.page) {
    case 'wall':
      return '/';
    case 'camera':
      return `/cameras/${encodeURIComponent(route.name)}`;
    case 'calendar':
      return route.month ? `/calendar/${route.month}` : '/calendar';
    case 'day':
      return route.date ? `/day/${route.date}` : '/day';
    case 'missing':
      return route.path;
    default:
      return `/${route.page}`;
  }
}

export function routeUrl(route: Route): string {
  const query = new URLSearchParams();
  if ('camera' in route && route.camera) query.set('camera', route.camera);
  if (route.page === 'play') {
    for (const camera of route.beside ?? []) query.append('camera', camera);
    if (route.at !== null) query.set('at', new Date(route.at).toISOString());
    addFilter(query, route);
    if (route.list) addList(query, route.list);
  } else if (route.page === 'day') {
    for (const camera of route.beside ?? []) query.append('camera', camera);
    if (route.span) {
      query.set('from', new Date(route.span.from).toISOString());
      query.set('to', new Date(route.span.to).toISOString());
    }
    if (route.zone) query.set('zone', route.zone);
    addFilter(query, { ...noFilter, dwell: route.dwell, windows: route.windows });
    if (route.sort !== 'time') query.set('sort', route.sort);
  } else if (route.page === 'events') {
    for (const camera of route.cameras) query.append('camera', camera);
    if (route.from) query.set('from', route.from);
    if (route.to) query.set('to', route.to);
    addFilter(query, route);
    if (route.sort !== '-time') query.set('sort', route.sort);
  }
  /* Colons may stand in a query as they are; a time should be readable in the address. */
  const text = query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/');
  return text ? `${pathOf(route)}?${text}` : pathOf(route);
}
