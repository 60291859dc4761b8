/*
 * Playing by the frames' own times. A timeline gives each frame a position in play time (ms from
 * the first frame; long gaps may be cut short); a clock says which position is now. Both are plain
 * values: nothing here knows the wall clock, it is handed in.
 */

export interface Timeline {
  positions: Float64Array;
  total: number;
  hold: number /* how long the last frame stays, about one usual step */;
}

export const SPEEDS = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

/** `longestGap`: gaps between frames longer than this (ms) last only this long; null: as they were. */
export function makeTimeline(times: ArrayLike<number>, longestGap: number | null): Timeline {
  const positions = new Float64Array(times.length);
  const gaps: number[] = [];
  for (let i = 1; i < times.length; i++) {
    const gap = Math.max(0, (times[i] ?? 0) - (times[i - 1] ?? 0));
    gaps.push(gap);
    positions[i] =
      (positions[i - 1] ?? 0) + (longestGap === null ? gap : Math.min(gap, longestGap));
  }
  gaps.sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 500;
  return {
    positions,
    total: positions[positions.length - 1] ?? 0,
    hold: Math.min(1000, Math.max(100, usual)),
  };
}

/** The frame that is shown at a position: the last one not after it. Of frames at one time, the last. */
export function frameAt(timeline: Timeline, position: number): number {
  const { positions } = timeline;
  let low = 0;
  let high = positions.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((positions[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The frame whose position is nearest: what a click on the bar means. */
export function frameNear(timeline: Timeline, position: number): number {
  const before = frameAt(timeline, position);
  const after = Math.min(before + 1, timeline.positions.length - 1);
  const a = timeline.positions[before] ?? 0;
  const b = timeline.positions[after] ?? 0;
  return Math.abs(b - position) < Math.abs(position - a) ? after : before;
}

/** The frame nearest to an instant. */
export function frameAtTime(times: ArrayLike<number>, ms: number): number {
  let best = 0;
  let low = 0;
  let high = times.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const time = times[middle] ?? 0;
    if (Math.abs(time - ms) < Math.abs((times[best] ?? 0) - ms)) best = middle;
    if (time < ms) low = middle + 1;
    else high = middle - 1;
  }
  return best;
}

export interface Clock {
  position: number /* at `since` */;
  since: number /* wall time, ms */;
  speed: number;
  direction: 1 | -1;
  playing: boolean;
}

export function stoppedClock(): Clock {
  return { position: 0, since: 0, speed: 1, direction: 1, playing: false };
}

/** Not clamped: past either end it says how far past. */
export function positionAt(clock: Clock, now: number): number {
  if (!clock.playing) return clock.position;
  return clock.position + (now - clock.since) * clock.speed * clock.direction;
}

export function clamped(timeline: Timeline, position: number): number {
  return Math.min(timeline.total, Math.max(0, position));
}

/** The same place on the timeline, going on from now with something changed. */
export function changed(
  clock: Clock,
  timeline: Timeline,
  now: number,
  change: Partial<Pick<Clock, 'speed' | 'direction' | 'playing' | 'position'>>,
): Clock {
  const position = clamped(timeline, positionAt(clock, now));
  return { ...clock, position, since: now, ...change };
}

/** True when playing has gone past the end it runs towards and the last frame was shown its time. */
export function hasEnded(clock: Clock, timeline: Timeline, now: number): boolean {
  if (!clock.playing) return false;
  const position = positionAt(clock, now);
  return clock.direction > 0
    ? position >= timeline.total + timeline.hold
    : position <= -timeline.hold;
}

export function nextSpeed(speed: number, step: 1 | -1): number {
  const at = SPEEDS.findIndex((s) => s >= speed - 1e-9);
  const next = Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.length - 1 : at) + step));
  return SPEEDS[next] ?? 1;
}
