/*
 * What is played, and what comes before and after it. Of one camera that is event after event as
 * they happened; from the event browser, the list there in its order; of several cameras, all
 * events that overlap are one stretch.
 */
import { get } from '../api/client.ts';
import type { Camera, EventItem } from '../api/types.ts';
import { filterQuery } from '../events/filter.ts';
import { placeOf } from '../events/list.ts';
import { listFor } from '../events/kept.ts';
import {
  filterOf,
  type EventSort,
  type Filter,
  type PlayList,
  type PlayRoute,
} from '../routing/url.ts';
import { dayBounds, daysBounds, knownZone, localDate } from '../time/zone.ts';
import { partAt, spanOf, stretchOf, timeBeside, type Stretch } from './stretch.ts';

export interface Course {
  /** What a time means: the event it lies in; else the next after it; else the last before it. */
  at(ms: number | null, signal?: AbortSignal): Promise<Stretch | null>;
  next(stretch: Stretch, direction: 1 | -1, signal?: AbortSignal): Promise<Stretch | null>;
  /** The how-manieth it is of how many. */
  place(stretch: Stretch, signal?: AbortSignal): Promise<{ n: number; total: number } | null>;
  /** Something was deleted or came back: what is remembered may be wrong. */
  stale?(): void;
}

interface Asked {
  cameras: string[];
  filter: Filter;
  from?: number | null;
  to?: number | null;
  sort: EventSort;
  limit?: number;
}

function find(asked: Asked, signal?: AbortSignal) {
  const { cameras, filter, from, to, sort, limit = 1 } = asked;
  return get(
    '/api/v1/events',
    {
      camera: cameras,
      from: from === null || from === undefined ? undefined : String(from),
      to: to === null || to === undefined ? undefined : String(to),
      ...filterQuery(filter),
      sort,
      limit,
    },
    signal,
  );
}

const startOf = (event: EventItem) => Date.parse(event.start);
const endOf = (event: EventItem) => Date.parse(event.end);

async function eventAt(
  cameras: string[],
  filter: Filter,
  at: number | null,
  signal?: AbortSignal,
): Promise<EventItem | null> {
  /* What one looks at may have been marked since it was in a list of what was not. */
  const asked = { cameras, filter: { ...filter, reviewed: null, pinned: null, noted: null } };
  if (at === null) return (await find({ ...asked, sort: '-time' }, signal)).events[0] ?? null;
  const after = await find({ ...asked, from: at, sort: 'time' }, signal);
  if (after.events[0]) return after.events[0];
  return (await find({ ...asked, to: at, sort: '-time' }, signal)).events[0] ?? null;
}

/** The events of one camera, as they happened; counted within their day. */
export function byTime(camera: string, filter: Filter, zone: () => string | null): Course {
  const asked = { cameras: [camera], filter };
  return {
    at: async (ms, signal) => {
      const event = await eventAt([camera], filter, ms, signal);
      return event && stretchOf(event, ms ?? endOf(event));
    },
    next: async (stretch, direction, signal) => {
      const range =
        direction > 0
          ? { from: stretch.end + 1, sort: 'time' as const }
          : { to: stretch.start - 1, sort: '-time' as const };
      const event = (await find({ ...asked, ...range }, signal)).events[0];
      return event ? entered(event, direction) : null;
    },
    place: async (stretch, signal) => {
      const own = zone();
      if (own === null) return null;
      const day = dayBounds(localDate(stretch.start, own), own);
      const [upTo, all] = await Promise.all([
        find({ ...asked, from: day.start, to: stretch.start, sort: 'time' }, signal),
        find({ ...asked, from: day.start, to: day.end - 1, sort: 'time' }, signal),
      ]);
      return { n: upTo.total, total: all.total };
    },
  };
}

/* As one comes to it from its neighbour. */
function entered(event: EventItem, direction: 1 | -1): Stretch {
  return stretchOf(event, direction > 0 ? startOf(event) : endOf(event));
}

const ROUNDS = 8; /* of looking what overlaps what overlaps */
const BACK_MS = 10_000;

/** Several cameras: from each event on, all that overlaps it. */
export function together(cameras: string[], filter: Filter): Course {
  const asked = { cameras, filter };

  async function around(event: EventItem, at: number, signal?: AbortSignal): Promise<Stretch> {
    let { start, end } = spanOf(event);
    let events = [event];
    for (let round = 0; round < ROUNDS; round++) {
      const range = { from: start, to: end, sort: 'time' as const, limit: 1000 };
      events = (await find({ ...asked, ...range }, signal)).events;
      const first = Math.min(start, ...events.map(startOf));
      const last = Math.max(end, ...events.map(endOf));
      if (first === start && last === end) break;
      [start, end] = [first, last];
    }
    const whole = { start, end };
    const frames = events.reduce((sum, one) => sum + one.frames, 0);
    const part = partAt(whole, frames, at);
    events = events.filter((one) => startOf(one) <= part.end && endOf(one) >= part.start);
    const from = await Promise.all(cameras.map((camera) => lastBefore(camera, part.start, signal)));
    return { cameras, event: events[0] ?? event, events, ...part, whole, from };
  }

  /* When a camera had its last picture, whatever event it was of. */
  async function lastBefore(camera: string, start: number, signal?: AbortSignal): Promise<number> {
    const query = { camera: [camera], to: String(start - 1), sort: '-time' as const, limit: 1 };
    const before = (await get('/api/v1/events', query, signal)).events[0];
    if (!before) return start;
    return endOf(before) < start ? endOf(before) : start - BACK_MS;
  }

  return {
    at: async (ms, signal) => {
      const event = await eventAt(cameras, filter, ms, signal);
      return event && around(event, ms ?? endOf(event), signal);
    },
    next: async (stretch, direction, signal) => {
      const limit = cameras.length + 1;
      const range =
        direction > 0
          ? { from: stretch.end + 1, sort: 'time' as const, limit }
          : { to: stretch.start - 1, sort: '-time' as const, limit };
      const { events } = await find({ ...asked, ...range }, signal);
      const event = events.find((one) =>
        direction > 0 ? startOf(one) > stretch.end : endOf(one) < stretch.start,
      );
      return event ? around(event, direction > 0 ? startOf(event) : endOf(event), signal) : null;
    },
    place: async () => null,
  };
}

/** The days of a list are those of its first camera, as in the event browser. */
function daysOf(list: PlayList, all: Camera[]) {
  const camera = all.find((one) => one.name === list.among[0]) ?? all[0];
  const zone = camera ? knownZone(camera.timezone) : 'UTC';
  return daysBounds(list.from, list.to, zone);
}

/** A list of the event browser, in its order. */
export function inList(
  camera: string | null,
  filter: Filter,
  list: PlayList,
  all: Camera[],
): Course {
  const days = daysOf(list, all);
  const { among, sort } = list;
  const at: Course['at'] = async (ms, signal) => {
    const event = await eventAt(camera ? [camera] : among, filter, ms, signal);
    return event && stretchOf(event, ms ?? endOf(event));
  };
  const byClock = sort === 'time' || sort === '-time';
  return { at, ...(byClock ? clockOrder() : otherOrder()) };

  /* The times themselves say where in the list one is. */
  function clockOrder(): Pick<Course, 'next' | 'place'> {
    const asked = { cameras: among, filter, ...days };
    const limit = all.length + 2; /* as many as may go on at one time, and the next one */
    return {
      next: async (stretch, direction, signal) => {
        const up = (sort === 'time') === direction > 0;
        const answer = await find(
          up
            ? { ...asked, from: stretch.start, sort: 'time', limit }
            : { ...asked, to: stretch.start, sort: '-time', limit },
          signal,
        );
        const place = placeOf(answer.events, stretch.event, up ? 'time' : '-time');
        const event = answer.events[place.found ? place.index + 1 : place.index];
        return event ? entered(event, direction) : null;
      },
      place: async (stretch, signal) => {
        const edge = sort === 'time' ? stretch.start : stretch.start - 1;
        const [some, every] = await Promise.all([
          find({ ...asked, to: Math.min(edge, days.to ?? Infinity), sort: 'time' }, signal),
          find({ ...asked, sort: 'time' }, signal),
        ]);
        const n = sort === 'time' ? some.total : every.total - some.total;
        return { n, total: every.total };
      },
    };
  }

  /* Only the list itself knows; the browser has it already, as far as one has seen it. */
  function otherOrder(): Pick<Course, 'next' | 'place' | 'stale'> {
    const pages = () => listFor(JSON.stringify({ ...filter, cameras: among, ...days, sort }));
    async function where(event: EventItem) {
      const events = pages();
      const find = () => placeOf(events.list, event, sort);
      /* one more than up to it, so that the next one is known */
      await events.readUntil(() => find().index + 1 < events.list.length);
      if (events.error) throw events.error;
      return { ...find(), events };
    }
    return {
      next: async (stretch, direction) => {
        const { events, index, found } = await where(stretch.event);
        const event = events.list[direction < 0 ? index - 1 : found ? index + 1 : index];
        return event ? entered(event, direction) : null;
      },
      place: async (stretch) => {
        const { events, index } = await where(stretch.event);
        return { n: index + 1, total: events.total };
      },
      stale: () => void pages().refresh(),
    };
  }
}

/* One part after the other, then what the course says comes next. */
function inParts(course: Course): Course {
  return {
    ...course,
    next: async (stretch, direction, signal) => {
      const at = timeBeside(stretch, direction);
      if (at === null) return course.next(stretch, direction, signal);
      return stretch.cameras.length > 1 ? course.at(at, signal) : stretchOf(stretch.event, at);
    },
  };
}

export function courseOf(route: PlayRoute, all: Camera[], zone: () => string | null): Course {
  const filter = filterOf(route);
  if (route.beside && route.camera) {
    return inParts(together([route.camera, ...route.beside], filter));
  }
  if (route.list) return inParts(inList(route.camera, filter, route.list, all));
  return inParts(byTime(route.camera ?? '', filter, zone));
}
