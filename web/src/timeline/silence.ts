/* A camera that is silent is not one that is quiet: stretches in which nothing came from it. */

export interface Stretch {
  from: number;
  to: number;
}

export interface Rhythm {
  /** Milliseconds; a longer gap is silence. */
  silentAfter: number;
  silences: Stretch[];
}

/** What is known of a camera's pictures at a moment. */
export type State = 'before' | 'silent' | 'since' | 'quiet' | 'future';

export interface Silence extends Stretch {
  /** It is silent still. */
  open: boolean;
}

/** All silences of a camera up to now, that included which goes on when the camera `isSilent`. */
export function silencesUpTo(
  rhythm: Rhythm,
  last: number | null,
  now: number,
  isSilent: boolean,
): Silence[] {
  const list = rhythm.silences.map((one) => ({ ...one, open: false }));
  if (isSilent && last !== null && last < now) {
    list.push({ from: last, to: now, open: true });
  }
  return list;
}

/** The rhythm after a frame came: what was an open silence before it is one for good. */
export function withFrameAt(rhythm: Rhythm, last: number | null, time: number): Rhythm {
  const { silentAfter, silences } = rhythm;
  if (last !== null && time - last > silentAfter) {
    return { silentAfter, silences: [...silences, { from: last, to: time }] };
  }
  /* One that comes late may cut a silence in two. */
  const hit = silences.findIndex((one) => one.from < time && one.to > time);
  if (hit < 0) return rhythm;
  const { from, to } = silences[hit] as Stretch;
  const parts = [
    { from, to: time },
    { from: time, to },
  ].filter((part) => part.to - part.from > silentAfter);
  return {
    silentAfter,
    silences: [...silences.slice(0, hit), ...parts, ...silences.slice(hit + 1)],
  };
}

export function silenceAt(silences: Silence[], time: number): Silence | null {
  return silences.find((one) => one.from <= time && time < one.to) ?? null;
}

/** Stretches in which every camera of several was silent: then it was hardly the cameras. */
export function silentTogether(lists: Silence[][]): Stretch[] {
  if (lists.length < 2) return [];
  return lists.reduce<Stretch[]>(
    (common, list) =>
      common.flatMap((one) =>
        list
          .map((other) => ({
            from: Math.max(one.from, other.from),
            to: Math.min(one.to, other.to),
          }))
          .filter((both) => both.to > both.from),
      ),
    lists[0] ?? [],
  );
}
