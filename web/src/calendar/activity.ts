/* The shape of a day as drawing instructions: one path a tone, one row of marks a window. */
import type { CameraActivity, Frame } from '../api/types.ts';
import type { DayBounds } from '../time/zone.ts';

export const BUCKET_S = 300;

export interface Bucket {
  start: number;
  frames: number;
  motion: number;
  windows: Map<number, number>;
}

export function bucketsOf(activity: CameraActivity): Map<number, Bucket> {
  const buckets = new Map<number, Bucket>();
  for (const one of activity.buckets) {
    const start = Date.parse(one.start);
    const windows = Object.entries(one.windows).map(([n, frames]) => [Number(n), frames] as const);
    buckets.set(start, {
      start,
      frames: one.frames,
      motion: one.motion_frames,
      windows: new Map(windows),
    });
  }
  return buckets;
}

/** The buckets with one more frame; the same map when it is not of this day. */
export function withFrame(
  buckets: Map<number, Bucket>,
  frame: Pick<Frame, 'time' | 'kinds' | 'windows'>,
  bounds: DayBounds,
  bucketS = BUCKET_S,
): Map<number, Bucket> {
  const time = Date.parse(frame.time);
  if (time < bounds.start || time >= bounds.end) return buckets;
  const step = bucketS * 1000;
  const start = bounds.start + Math.floor((time - bounds.start) / step) * step;
  const old = buckets.get(start) ?? { start, frames: 0, motion: 0, windows: new Map() };
  const windows = new Map(old.windows);
  for (const window of frame.windows) windows.set(window, (windows.get(window) ?? 0) + 1);
  const motion = frame.windows.length > 0 || frame.kinds.includes('motion');
  const next = new Map(buckets);
  next.set(start, {
    start,
    frames: old.frames + 1,
    motion: old.motion + (motion ? 1 : 0),
    windows,
  });
  return next;
}

export function windowTotals(buckets: Iterable<Bucket>): [number, number][] {
  const totals = new Map<number, number>();
  for (const bucket of buckets) {
    for (const [window, frames] of bucket.windows) {
      totals.set(window, (totals.get(window) ?? 0) + frames);
    }
  }
  return [...totals].sort((a, b) => a[0] - b[0]);
}

/** Bars as one SVG path, x from 0 to 1000 over the day, y from 0 (top) to `height`. Heights grow
 * with the square root, so that a single frame is seen beside a busy hour. */
export function barsPath(
  buckets: Iterable<Bucket>,
  bounds: DayBounds,
  height: number,
  most: number,
  value: (bucket: Bucket) => number,
  bucketS = BUCKET_S,
): string {
  const span = bounds.end - bounds.start;
  const width = (bucketS * 1000 * 1000) / span;
  let path = '';
  for (const bucket of buckets) {
    const n = value(bucket);
    if (n <= 0) continue;
    const x = ((bucket.start - bounds.start) / span) * 1000;
    const tall = Math.max(1.5, Math.sqrt(n / most) * height);
    path += `M${x.toFixed(2)} ${height}v${(-tall).toFixed(2)}h${width.toFixed(2)}v${tall.toFixed(2)}z`;
  }
  return path;
}

/** Marks of one window's row. */
export function lanePath(
  buckets: Iterable<Bucket>,
  bounds: DayBounds,
  window: number,
  top: number,
  height: number,
  bucketS = BUCKET_S,
): string {
  const span = bounds.end - bounds.start;
  const width = (bucketS * 1000 * 1000) / span;
  let path = '';
  for (const bucket of buckets) {
    if (!bucket.windows.get(window)) continue;
    const x = ((bucket.start - bounds.start) / span) * 1000;
    path += `M${x.toFixed(2)} ${top}h${width.toFixed(2)}v${height}h${(-width).toFixed(2)}z`;
  }
  return path;
}
