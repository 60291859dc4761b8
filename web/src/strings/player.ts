/* Words of what one does with an event in the player. */
import { count } from '../time/format.ts';

const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;
const events = (n: number, done: string) =>
  n === 1 ? done : `${plural(n, 'event', 'events')}: ${done.toLowerCase()}`;

export const k = {
  group: 'This event',
  review: 'Mark as reviewed (r)',
  pin: 'Pin: keep, whatever is deleted (i)',
  note: (n: number) => (n > 0 ? `Notes: ${count(n)} (m)` : 'Write a note (m)'),
  remove: 'Delete this event (Delete)',
  export: 'Export this event (e)',
  reviewed: (n: number) => events(n, 'Marked as reviewed'),
  notReviewed: (n: number) => events(n, 'No longer reviewed'),
  pinned: (n: number) => events(n, 'Pinned'),
  unpinned: (n: number) => events(n, 'No longer pinned'),
  notMarked: 'This could not be marked',
  deleted: (frames: number, kept: number) =>
    `${plural(frames, 'picture', 'pictures')} deleted${kept > 0 ? `, ${plural(kept, 'pinned one', 'pinned ones')} kept` : ''}`,
  keptPinned: 'Nothing was deleted: this event is pinned',
  keptReadonly: 'Nothing was deleted: its pictures are in a folder that cctvweb does not manage',
  nothingDeleted: 'There was nothing left to delete',
  notDeleted: 'This could not be deleted',
  undo: 'Undo',
  restored: (frames: number) => `${plural(frames, 'picture is', 'pictures are')} back`,
  notRestored: 'This could not be undone',
  goneTitle: 'This event was deleted',
  goneHelp: (until: string) => `It can come back until ${until}.`,
  goneForGood: 'Its pictures cannot come back.',
};
