/* The stretch of time that is shown, and how it moves: zooming keeps the time under the pointer. */

export interface View {
  from: number;
  to: number /* exclusive; milliseconds since 1970, not necessarily whole */;
}

export const SHORTEST = 20_000;
export const LONGEST = 100 * 86_400_000;
/* 1970 to 2200: what a camera may say. */
const EARLIEST = 0;
const LATEST = 7_258_118_400_000;

export const lengthOf = (view: View) => view.to - view.from;

/** Where a time is: 0 at the left edge, 1 at the right one. */
export function partOf(view: View, time: number): number {
  return (time - view.from) / lengthOf(view);
}

export function timeAt(view: View, part: number): number {
  return view.from + part * lengthOf(view);
}

/* Moved, not cut, when it would reach beyond what there is. */
function within(from: number, length: number): View {
  const start = Math.min(Math.max(from, EARLIEST), LATEST - length);
  return { from: start, to: start + length };
}

export function panned(view: View, by: number): View {
  return within(view.from + by, lengthOf(view));
}

/** Closer (factor < 1) or further away; the time at `part` stays where it is. */
export function zoomed(view: View, part: number, factor: number): View {
  const length = Math.min(LONGEST, Math.max(SHORTEST, lengthOf(view) * factor));
  return within(timeAt(view, part) - part * length, length);
}

/** As two fingers that were at parts `a` and `b` of the view have come to `c` and `d`: the times
 * under them go with them. */
export function pinched(view: View, [a, b]: [number, number], [c, d]: [number, number]): View {
  const apart = Math.max(0.02, Math.abs(d - c));
  const factor = Math.max(0.02, Math.abs(b - a)) / apart;
  const length = Math.min(LONGEST, Math.max(SHORTEST, lengthOf(view) * factor));
  const middle = timeAt(view, (a + b) / 2);
  return within(middle - ((c + d) / 2) * length, length);
}

/** Moved just so far that a time is in it, with some room to the edge. */
export function showing(view: View, time: number): View {
  const room = lengthOf(view) * 0.05;
  if (time < view.from + room) return panned(view, time - room - view.from);
  if (time > view.to - room) return panned(view, time + room - view.to);
  return view;
}

/** Around a stretch, with a margin. */
export function around(from: number, to: number, margin = 0.1): View {
  const length = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * (1 + 2 * margin)));
  return within((from + to) / 2 - length / 2, length);
}

export const sameView = (a: View, b: View) =>
  Math.round(a.from) === Math.round(b.from) && Math.round(a.to) === Math.round(b.to);
