/* What the progress bar shows, as SVG paths; x from 0 to 1000 over the play time of the event. */
import type { Timeline } from './clock.ts';
import { instantOf, type Instants } from './instants.ts';
import type { IndexFrame } from './messages.ts';

const STALE_MS = 3000;

const isMotion = (frame: IndexFrame) => frame.windows.length > 0 || frame.kinds.includes('motion');

/** Where a frame is on the bar, 0 .. 1. */
export function partOf(timeline: Timeline, frame: number): number {
  const last = timeline.positions.length - 1;
  if (last < 1) return 0;
  if (timeline.total === 0) return frame / last;
  return (timeline.positions[frame] ?? 0) / timeline.total;
}

/* Stretches of instants for which something holds, each reaching to the next one. */
function stretchesPath(
  count: number,
  timeline: Timeline,
  top: number,
  height: number,
  holds: (i: number) => boolean,
): string {
  let path = '';
  for (let i = 0; i < count; i++) {
    if (!holds(i)) continue;
    const first = i;
    while (i + 1 < count && holds(i + 1)) i++;
    const x = partOf(timeline, first) * 1000;
    const end = partOf(timeline, Math.min(i + 1, count - 1)) * 1000;
    path += `M${x.toFixed(1)} ${top}h${Math.max(2, end - x).toFixed(1)}v${height}H${x.toFixed(1)}z`;
  }
  return path;
}

export interface BarDrawing {
  motion: string;
  /** Of one camera its motion windows; of several the motion of each. */
  lanes: { name: string; path: string }[];
  triggers: string /* lines, to be stroked; 10 high */;
  laneHeight: number;
}

interface Shown {
  camera: string;
  frames: IndexFrame[];
}

const LANE = 4;

/** `tracks` in the order of `instants.frames`. */
export function drawBar(tracks: Shown[], instants: Instants, timeline: Timeline): BarDrawing {
  const count = instants.times.length;
  const at = (k: number, i: number) => tracks[k]?.frames[instants.frames[k]?.[i] ?? -1];
  /* A frame that is still shown because nothing newer came does not move any more. */
  const fresh = (k: number, i: number) => {
    const frame = at(k, i);
    return frame && (instants.times[i] ?? 0) - frame.time < STALE_MS ? frame : undefined;
  };
  const moves = (k: number, i: number) => {
    const frame = fresh(k, i);
    return frame !== undefined && isMotion(frame);
  };
  const path = (row: number, holds: (i: number) => boolean) =>
    stretchesPath(count, timeline, row * LANE, LANE - 1, holds);
  let lanes: BarDrawing['lanes'];
  if (tracks.length === 1) {
    const fired = new Set((tracks[0]?.frames ?? []).flatMap((frame) => frame.windows));
    lanes = [...fired]
      .sort((a, b) => a - b)
      .map((window, row) => ({
        name: String(window),
        path: path(row, (i) => at(0, i)?.windows.includes(window) ?? false),
      }));
  } else {
    lanes = tracks.map((track, k) => ({ name: track.camera, path: path(k, (i) => moves(k, i)) }));
  }
  let triggers = '';
  tracks.forEach((track, k) =>
    track.frames.forEach((frame, n) => {
      if (frame.trigger !== 0) return;
      const part = partOf(timeline, instantOf(instants, k, n));
      triggers += `M${(part * 1000).toFixed(1)} 0v10`;
    }),
  );
  return {
    laneHeight: LANE,
    lanes,
    motion: stretchesPath(count, timeline, 0, 10, (i) => tracks.some((_, k) => moves(k, i))),
    triggers,
  };
}
