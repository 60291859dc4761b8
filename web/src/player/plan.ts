/*
 * Which compressed frames of an event to hold, and what to fetch next. An event that fits the
 * budget is held whole; of a larger one, a stretch around the playhead, three quarters of it in the
 * direction of play. Also which frames to decode around the playhead.
 */

export const MISSING = 0;
export const HELD = 1;
export const LOST = 2; /* cannot be had; not asked for again */

export interface Holding {
  lengths: ArrayLike<number>;
  state: Uint8Array /* MISSING, HELD or LOST of each frame */;
  playhead: number;
  direction: 1 | -1;
}

export interface Stretch {
  first: number;
  last: number /* inclusive */;
}

const URGENT_BYTES = 16 * 1024 * 1024;
const WORTH_BYTES = 8 * 1024 * 1024;
const BACKWARD_BYTES = 4 * 1024 * 1024;

/** The frames that should be held. */
export function stretchToHold(holding: Holding, budget: number): Stretch {
  const { lengths, playhead, direction } = holding;
  const last = lengths.length - 1;
  let first = playhead;
  let end = playhead;
  let bytes = lengths[playhead] ?? 0;
  const grow = (step: 1 | -1, limit: number) => {
    for (;;) {
      const at = step > 0 ? end + 1 : first - 1;
      const size = lengths[at] ?? 0;
      if (at < 0 || at > last || bytes + size > limit) return;
      bytes += size;
      if (step > 0) end = at;
      else first = at;
    }
  };
  grow(direction, budget * 0.75);
  grow(direction > 0 ? -1 : 1, budget);
  grow(direction, budget);
  return { first, last: end };
}

function bytesOf(lengths: ArrayLike<number>, first: number, last: number): number {
  let bytes = 0;
  for (let i = first; i <= last; i++) bytes += lengths[i] ?? 0;
  return bytes;
}

/** What to fetch next as one range of the stream, or null when nothing is worth a request now. */
export function nextFetch(holding: Holding, budget: number): Stretch | null {
  const { lengths, state, playhead, direction } = holding;
  if (lengths.length === 0) return null;
  const hold = stretchToHold(holding, budget);
  const whole = hold.first === 0 && hold.last === lengths.length - 1;
  const ahead = direction > 0 ? forward(playhead, hold.last) : backward(playhead, hold.first);
  const behind =
    direction > 0 ? backward(playhead - 1, hold.first) : forward(playhead + 1, hold.last);
  for (const run of [ahead, behind]) {
    if (!run) continue;
    if (whole) return run;
    const bytes = bytesOf(lengths, run.first, run.last);
    const near =
      run === ahead &&
      (direction > 0
        ? bytesOf(lengths, playhead, run.first - 1)
        : bytesOf(lengths, run.last + 1, playhead)) < URGENT_BYTES;
    const reachesEnd = run.first === 0 || run.last === lengths.length - 1;
    if (near || reachesEnd || bytes >= WORTH_BYTES) return run;
  }
  return null;

  function forward(from: number, to: number): Stretch | null {
    let first = from;
    while (first <= to && state[first] !== MISSING) first++;
    if (first > to) return null;
    let last = first;
    while (last < to && state[last + 1] === MISSING) last++;
    return { first, last };
  }

  /* The stream only runs forwards, so backwards it comes in blocks that end next to the playhead. */
  function backward(from: number, to: number): Stretch | null {
    let last = from;
    while (last >= to && state[last] !== MISSING) last--;
    if (last < to) return null;
    let first = last;
    let bytes = lengths[last] ?? 0;
    while (first > to && state[first - 1] === MISSING) {
      bytes += lengths[first - 1] ?? 0;
      if (direction < 0 && bytes > BACKWARD_BYTES) break;
      first--;
    }
    return { first, last };
  }
}

/**
 * Frames to have decoded, most wanted first: the playhead, then three ahead for one behind.
 * `stride`: when play is faster than decoding, only each stride-th frame ahead.
 */
export function framesToDecode(
  count: number,
  playhead: number,
  direction: 1 | -1,
  capacity: number,
  stride = 1,
): number[] {
  const wanted: number[] = [];
  if (count === 0) return wanted;
  wanted.push(playhead);
  /* On the same frames wherever the playhead stands, or each step would want others. */
  let ahead = direction > 0 ? Math.floor(playhead / stride) : Math.ceil(playhead / stride);
  ahead *= stride;
  let behind = playhead;
  const inside = (i: number) => i >= 0 && i < count;
  while (wanted.length < capacity) {
    const before = wanted.length;
    for (let k = 0; k < 3 && wanted.length < capacity; k++) {
      ahead += direction * stride;
      if (inside(ahead)) wanted.push(ahead);
    }
    behind -= direction;
    if (inside(behind) && wanted.length < capacity) wanted.push(behind);
    if (wanted.length === before && !inside(ahead) && !inside(behind)) break;
  }
  return wanted;
}
