/*
 * The moments a player steps through: the capture times of all its cameras, merged. Of one camera
 * they are its frames, one by one; of several, at each moment each camera shows its last frame that
 * is not after it.
 */

export interface Instants {
  times: Float64Array;
  /** Of each camera, the frame it shows at each instant; -1: it has none yet. */
  frames: Int32Array[];
}

export const noInstants: Instants = { times: new Float64Array(0), frames: [] };

function countBefore(times: ArrayLike<number>, ms: number): number {
  let n = 0;
  while (n < times.length && (times[n] ?? 0) < ms) n++;
  return n;
}

/**
 * `from`: instants begin here; what a camera has before it is what it shows until its first frame.
 * Frames of one camera with one time are instants of their own, those of several share one.
 */
export function mergeInstants(tracks: ArrayLike<number>[], from: number): Instants {
  const next = tracks.map((times) => countBefore(times, from));
  const most = tracks.reduce((sum, times, k) => sum + times.length - (next[k] ?? 0), 0);
  const merged = new Float64Array(most);
  const frames = tracks.map(() => new Int32Array(most));
  let count = 0;
  for (;;) {
    let now = Infinity;
    tracks.forEach((times, k) => (now = Math.min(now, times[next[k] ?? 0] ?? Infinity)));
    if (now === Infinity) break;
    merged[count] = now;
    for (let k = 0; k < tracks.length; k++) {
      if (tracks[k]?.[next[k] ?? 0] === now) next[k] = (next[k] ?? 0) + 1;
      (frames[k] as Int32Array)[count] = (next[k] ?? 0) - 1;
    }
    count++;
  }
  return {
    times: merged.subarray(0, count),
    frames: frames.map((list) => list.subarray(0, count)),
  };
}

/** The instant at which a camera first shows a frame; the first one for what it had before. */
export function instantOf(instants: Instants, track: number, frame: number): number {
  const shown = instants.frames[track];
  if (!shown) return 0;
  let low = 0;
  let high = shown.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shown[middle] ?? 0) < frame) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, shown.length - 1));
}
