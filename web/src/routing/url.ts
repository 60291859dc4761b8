/* What the address bar says, as data, both ways. Ill-formed parts fall back to "not said". */
import { isDate } from '../time/zone.ts';

export const SORTS = ['time', '-time', '-duration', '-frames'] as const;
export type Sort = (typeof SORTS)[number];

/** Which events: of one camera, split by dwell (null: the camera's own), with any of the windows. */
export interface Selection {
  camera: string | null;
  dwell: number | null;
  windows: number[];
}

export interface CamerasRoute {
  page: 'cameras';
}
export interface DayRoute extends Selection {
  page: 'day';
  date: string | null;
  sort: Sort;
}
export interface PlayRoute extends Selection {
  page: 'play';
  at: number | null;
}
export interface MissingRoute {
  page: 'missing';
  path: string;
}
export type Route = CamerasRoute | DayRoute | PlayRoute | MissingRoute;

function selectionOf(query: URLSearchParams): Selection {
  const dwell = Number(query.get('dwell') ?? NaN);
  const windows = query
    .getAll('window')
    .map(Number)
    .filter((n) => Number.isInteger(n) && n >= 1 && n <= 64);
  return {
    camera: query.get('camera') || null,
    dwell: dwell >= 1 && dwell <= 86400 ? dwell : null,
    windows: [...new Set(windows)].sort((a, b) => a - b),
  };
}

function instantOf(text: string | null): number | null {
  if (!text) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const clean = path.replace(/\/+$/, '') || '/';
  if (clean === '/' || clean === '/cameras') return { page: 'cameras' };
  if (clean === '/play') {
    return { page: 'play', ...selectionOf(query), at: instantOf(query.get('at')) };
  }
  const day = /^\/day(?:\/([^/]+))?$/.exec(clean);
  if (day && (!day[1] || isDate(day[1]))) {
    const sort = query.get('sort') as Sort;
    return {
      page: 'day',
      date: day[1] ?? null,
      ...selectionOf(query),
      sort: SORTS.includes(sort) ? sort : 'time',
    };
  }
  return { page: 'missing', path };
}

export function routeUrl(route: Route): string {
  if (route.page === 'cameras') return '/cameras';
  if (route.page === 'missing') return route.path;
  const query = new URLSearchParams();
  if (route.camera) query.set('camera', route.camera);
  if (route.page === 'play' && route.at !== null) query.set('at', new Date(route.at).toISOString());
  if (route.dwell !== null) query.set('dwell', String(route.dwell));
  for (const window of route.windows) query.append('window', String(window));
  if (route.page === 'day' && route.sort !== 'time') query.set('sort', route.sort);
  /* Colons may stand in a query as they are; a time should be readable in the address. */
  const text = query.toString().replaceAll('%3A', ':');
  const path = route.page === 'play' ? '/play' : route.date ? `/day/${route.date}` : '/day';
  return text ? `${path}?${text}` : path;
}
