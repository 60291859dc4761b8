/*
 * What is played at once: an event, or of several cameras all that happened while it went on. A camera
 * that always sends makes an event of weeks, whose index would be larger than its pictures of an
 * hour: such a one is played in parts, as one event after the other.
 */
import type { EventItem } from '../api/types.ts';

export interface Stretch {
  cameras: string[];
  /** The event it is about: the first one that is in it. Marks mean all of `events`; deletions and
   * exports what of them is in a part. */
  event: EventItem;
  events: EventItem[];
  start: number;
  end: number;
  /** What it is a part of; otherwise the same as its own. */
  whole: Span;
  /** Of each camera, from when on it is read: what it had last before `start` is shown till then. */
  from: number[];
}

export interface Span {
  start: number;
  end: number;
}

const MINUTE = 60_000;
const PART_FRAMES = 20_000; /* about; an index of 3 MB */
const PART_MS = [24 * 60, 6 * 60, 60, 15, 5, 1].map((minutes) => minutes * MINUTE);

export const spanOf = (event: EventItem): Span => ({
  start: Date.parse(event.start),
  end: Date.parse(event.end),
});

/** The part that `at` lies in of so many frames; of few, all. Parts begin at round times. */
export function partAt(whole: Span, frames: number, at: number): Span {
  const perMs = frames / Math.max(1, whole.end - whole.start);
  const length =
    frames <= PART_FRAMES ? Infinity : (PART_MS.find((ms) => ms * perMs <= PART_FRAMES) ?? MINUTE);
  if (length >= whole.end - whole.start) return whole;
  const start = Math.floor(Math.min(whole.end, Math.max(whole.start, at)) / length) * length;
  return {
    start: Math.max(whole.start, start),
    end: Math.min(whole.end, start + length - 1),
  };
}

/** One event by itself, or the part of it that `at` lies in. */
export function stretchOf(event: EventItem, at: number = Date.parse(event.start)): Stretch {
  const whole = spanOf(event);
  const part = partAt(whole, event.frames, at);
  return {
    cameras: [event.camera],
    event,
    events: [event],
    ...part,
    whole,
    from: [part.start],
  };
}

/** A time in the part before (-1) or behind (1) this one of the same whole; null: there is none. */
export function timeBeside({ start, end, whole }: Stretch, direction: 1 | -1): number | null {
  const at = direction > 0 ? end + 1 : start - 1;
  return at >= whole.start && at <= whole.end ? at : null;
}

/** As much of an event as is in a part; frames and bytes by its share of the time. */
export function withinPart(event: EventItem, { start, end, whole }: Stretch): EventItem {
  if (start === whole.start && end === whole.end) return event;
  const own = spanOf(event);
  const from = Math.max(own.start, start);
  const to = Math.min(own.end, end);
  const share = (to - from + 1) / (own.end - own.start + 1);
  return {
    ...event,
    start: new Date(from).toISOString(),
    end: new Date(to).toISOString(),
    frames: Math.round(event.frames * share),
    bytes: Math.round(event.bytes * share),
  };
}

export function sameStretch(a: Stretch, b: Stretch): boolean {
  return (
    a.start === b.start &&
    a.cameras.length === b.cameras.length &&
    `${a.cameras}` === `${b.cameras}`
  );
}

/**
 * Where the end of the stretch is now that an event of it has grown or one has come up to it. A part
 * that more follows ends where it did.
 */
export function grown(stretch: Stretch, event: EventItem): Stretch {
  const rest = stretch.events.filter(
    (other) => other.camera !== event.camera || other.start !== event.start,
  );
  const events = [...rest, event].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const end = Math.max(stretch.whole.end, Date.parse(event.end));
  return {
    ...stretch,
    events,
    event:
      stretch.event.start === event.start && stretch.event.camera === event.camera
        ? event
        : stretch.event,
    end: stretch.end < stretch.whole.end ? stretch.end : end,
    whole: { ...stretch.whole, end },
  };
}
