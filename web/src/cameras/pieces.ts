/* A path cut into what a template found in it. Offsets of the server are bytes of UTF-8. Pure. */
import type { PathReading } from '../api/types.ts';

export interface Piece {
  text: string;
  /** What the template found here; null: nothing. */
  means: string | null;
  /** Behind the point where it stopped fitting. */
  beyond: boolean;
}

export function piecesOf(reading: Pick<PathReading, 'path' | 'parts' | 'stops'>): Piece[] {
  const bytes = new TextEncoder().encode(reading.path);
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  const pieces: Piece[] = [];
  const add = (from: number, to: number, means: string | null, beyond = false) => {
    if (to > from) pieces.push({ text: text(from, to), means, beyond });
  };
  let at = 0;
  for (const part of reading.parts) {
    add(at, part.at, null);
    add(part.at, part.at + part.length, part.means);
    at = part.at + part.length;
  }
  const stop = reading.stops ? Math.max(at, reading.stops.at) : bytes.length;
  add(at, stop, null);
  add(stop, bytes.length, null, true);
  return pieces;
}
