/* The disk as a bar: which part is how long. Pure. */
import type { System } from '../api/types.ts';

export const PARTS = [
  'frames',
  'deleted',
  'exports',
  'attachments',
  'quarantine',
  'cache',
  'catalog',
] as const;
export type Part = (typeof PARTS)[number] | 'other' | 'free';

export interface Piece {
  part: Part;
  bytes: number;
  /** Of the whole disk, in percent. */
  share: number;
}

/** What is there of the disk, in order, free space last; parts of nothing are left out. */
export function piecesOf(disk: System['disk']): Piece[] {
  const { total, free } = disk;
  if (total === null || free === null || total <= 0) return [];
  const own = PARTS.map((part) => ({ part, bytes: disk.parts[part] }));
  const known = own.reduce((sum, { bytes }) => sum + bytes, 0);
  const all: { part: Part; bytes: number }[] = [
    ...own,
    { part: 'other', bytes: Math.max(0, total - free - known) },
    { part: 'free', bytes: free },
  ];
  return all
    .filter(({ bytes }) => bytes > 0)
    .map(({ part, bytes }) => ({ part, bytes, share: (bytes / total) * 100 }));
}
