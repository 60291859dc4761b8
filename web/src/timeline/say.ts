/* What is known of a camera at a moment, in words. */
import { words } from '../strings/timeline.ts';
import { clockTime, length, shortDate, shortTime } from '../time/format.ts';
import { localDate } from '../time/zone.ts';
import { silenceAt, type Silence } from './silence.ts';
import { bucketAt, type Tile } from './tiles.ts';
import { lengthOf, type View } from './view.ts';

const DAY = 86_400_000;

/** 14:08:20, or Fri 23 May 2014 14:08 when days are seen. */
export function moment(ms: number, zone: string, view: View): string {
  if (lengthOf(view) <= 1.5 * DAY) return clockTime(ms, zone);
  return `${shortDate(localDate(ms, zone))} ${shortTime(ms, zone)}`;
}

/** As moment; with its day when that is another one than that of `beside`. */
export function momentBeside(ms: number, beside: number, zone: string, view: View): string {
  const [date, other] = [localDate(ms, zone), localDate(beside, zone)];
  if (date === other) return moment(ms, zone, view);
  return `${shortDate(date, other)} ${shortTime(ms, zone)}`;
}

export interface Known {
  tile: Tile | null;
  silences: Silence[];
  together: { from: number; to: number }[];
  first: number | null;
  now: number;
}

function silentText(silence: Silence, zone: string): string {
  const long = length((silence.to - silence.from) / 1000);
  const day = (ms: number) => localDate(ms, zone);
  const says = (ms: number, date: boolean) =>
    date ? `${shortTime(ms, zone)} on ${shortDate(day(ms))}` : shortTime(ms, zone);
  const apart = day(silence.from) !== day(silence.to);
  if (silence.open) return words.silentSince(says(silence.from, apart), long);
  return words.silent(says(silence.from, apart), says(silence.to, apart), long);
}

export function describe(known: Known, time: number, zone: string): string {
  const { tile, silences, together, first, now } = known;
  if (time > now) return words.future;
  if (first === null || time < first) {
    const bucket = tile ? bucketAt(tile, time) : null;
    if (!bucket?.frames) return words.before;
  }
  const silence = silenceAt(silences, time);
  if (silence) {
    const all = together.some((one) => one.from <= time && time < one.to);
    return silentText(silence, zone) + (all ? `; ${words.together}` : '');
  }
  if (!tile) return words.unread;
  const { frames, motion, windows } = bucketAt(tile, time);
  return frames === 0 ? words.none : words.frames(frames, motion, windows);
}
