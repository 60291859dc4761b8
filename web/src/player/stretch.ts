/* What is played at once: an event, or of several cameras all that happened while it went on. */
import type { EventItem } from '../api/types.ts';

export interface Stretch {
  cameras: string[];
  /** The event it is about: the first one that is in it. Marks and exports mean all of `events`. */
  event: EventItem;
  events: EventItem[];
  start: number;
  end: number;
  /** Of each camera, from when on it is read: what it had last before `start` is shown till then. */
  from: number[];
}

/** One event by itself. */
export function stretchOf(event: EventItem): Stretch {
  const start = Date.parse(event.start);
  return {
    cameras: [event.camera],
    event,
    events: [event],
    start,
    end: Date.parse(event.end),
    from: [start],
  };
}

export function sameStretch(a: Stretch, b: Stretch): boolean {
  return (
    a.start === b.start &&
    a.cameras.length === b.cameras.length &&
    `${a.cameras}` === `${b.cameras}`
  );
}

/** Where the end of the stretch is now that an event of it has grown or one has come up to it. */
export function grown(stretch: Stretch, event: EventItem): Stretch {
  const rest = stretch.events.filter(
    (other) => other.camera !== event.camera || other.start !== event.start,
  );
  const events = [...rest, event].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return {
    ...stretch,
    events,
    event:
      stretch.event.start === event.start && stretch.event.camera === event.camera
        ? event
        : stretch.event,
    end: Math.max(stretch.end, Date.parse(event.end)),
  };
}
