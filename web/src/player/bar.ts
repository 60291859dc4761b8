/* What the progress bar shows, as SVG paths; x from 0 to 1000 over the play time of the event. */
import type { Timeline } from './clock.ts';
import type { IndexFrame } from './messages.ts';

const isMotion = (frame: IndexFrame) => frame.windows.length > 0 || frame.kinds.includes('motion');

/** Where a frame is on the bar, 0 .. 1. */
export function partOf(timeline: Timeline, frame: number): number {
  const last = timeline.positions.length - 1;
  if (last < 1) return 0;
  if (timeline.total === 0) return frame / last;
  return (timeline.positions[frame] ?? 0) / timeline.total;
}

/* Stretches of frames for which something holds, each frame reaching to the next one. */
function stretchesPath(
  frames: IndexFrame[],
  timeline: Timeline,
  top: number,
  height: number,
  holds: (frame: IndexFrame) => boolean,
): string {
  let path = '';
  for (let i = 0; i < frames.length; i++) {
    if (!holds(frames[i] as IndexFrame)) continue;
    const first = i;
    while (i + 1 < frames.length && holds(frames[i + 1] as IndexFrame)) i++;
    const x = partOf(timeline, first) * 1000;
    const end = partOf(timeline, Math.min(i + 1, frames.length - 1)) * 1000;
    path += `M${x.toFixed(1)} ${top}h${Math.max(2, end - x).toFixed(1)}v${height}H${x.toFixed(1)}z`;
  }
  return path;
}

export interface BarDrawing {
  motion: string;
  lanes: { window: number; path: string }[];
  triggers: string /* lines, to be stroked; 10 high */;
  laneHeight: number;
}

export function drawBar(frames: IndexFrame[], timeline: Timeline): BarDrawing {
  const windows = [...new Set(frames.flatMap((frame) => frame.windows))].sort((a, b) => a - b);
  const laneHeight = 4;
  return {
    laneHeight,
    motion: stretchesPath(frames, timeline, 0, 10, isMotion),
    lanes: windows.map((window, row) => ({
      window,
      path: stretchesPath(frames, timeline, row * laneHeight, laneHeight - 1, (frame) =>
        frame.windows.includes(window),
      ),
    })),
    triggers: frames
      .map((frame, i) =>
        frame.trigger === 0 ? `M${(partOf(timeline, i) * 1000).toFixed(1)} 0v10` : '',
      )
      .join(''),
  };
}
