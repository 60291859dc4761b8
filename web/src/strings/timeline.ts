/* Words of the timeline. */
import { count } from '../time/format.ts';

const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;

export const words = {
  title: 'Timeline',
  help: 'Left and right arrow move the playhead, up and down choose the camera, plus and minus zoom, page up and page down pan, n and p go to the next and previous event, Enter opens the player, square brackets select a range, 0 shows the whole day',
  value: (camera: string, time: string, what: string) => `${camera}, ${time}, ${what}`,
  frames: (frames: number, motion: number, windows: number[]) =>
    `${plural(frames, 'frame', 'frames')}, ${
      motion === 0 ? 'no motion' : `${count(motion)} with motion`
    }${windows.length > 0 ? ` in window${windows.length > 1 ? 's' : ''} ${windows.join(', ')}` : ''}`,
  none: 'no frames',
  silent: (from: string, to: string, length: string) =>
    `no pictures from ${from} to ${to} (${length})`,
  silentSince: (from: string, length: string) => `no pictures since ${from} (${length})`,
  together: 'no camera shown here sent any: the server or the network may have been off',
  before: 'before its first picture',
  future: 'still to come',
  unread: 'not read yet',
  failed: 'The timeline could not be read to its end; trying again.',
  pictures: 'Pictures at the playhead',
  pictureOf: (camera: string, time: string) => `${camera} at ${time}: open in the player`,
  away: (time: string) => `nearest: ${time}`,
  noPicture: 'No picture',
  more: (n: number) => `and ${plural(n, 'camera', 'cameras')} more`,
  zoomIn: 'Zoom in (+)',
  zoomOut: 'Zoom out (−)',
  earlier: 'Earlier',
  later: 'Later',
  wholeDay: 'Whole day',
  now: 'Now',
  lanes: 'Motion windows',
  laneStates: { own: 'each window', one: 'together', none: 'hidden' },
  zone: 'Times in',
  zoneOf: (zone: string, cameras: string) => `${zone} (${cameras})`,
  legendSilent: 'silent',
  legendReviewed: 'reviewed',
  range: (from: string, to: string) => `${from} – ${to}`,
  eventsFrom: (events: string, from: string, to: string) => `${events}, ${from} – ${to}`,
  chosen: 'Chosen range',
  play: 'Play',
  zoomTo: 'Zoom to it',
  clear: 'Clear (Esc)',
  review: 'Reviewed',
  pin: 'Pin',
  export: 'Export',
  delete: 'Delete',
  cancel: 'Cancel',
  reviewed: 'Marked as reviewed',
  pinned: 'Pinned: kept when other pictures are deleted',
  deleteTitle: 'Delete these pictures?',
  deleteWhat: (cameras: string[], range: string) =>
    `All pictures of ${
      cameras.length > 3 ? `${cameras.length} cameras` : cameras.join(', ')
    }, ${range}, but those that are pinned. They can be brought back for some time.`,
  deleted: (frames: number, pinned: number, readonly: number) =>
    [
      frames > 0 ? `${plural(frames, 'picture', 'pictures')} deleted` : 'Nothing was deleted',
      pinned > 0 ? `${count(pinned)} kept because they are pinned` : '',
      readonly > 0 ? `${count(readonly)} kept because their folder is not managed` : '',
    ]
      .filter((part) => part)
      .join('; '),
  restored: 'Brought back',
  deleteFailed: 'These could not be deleted',
  note: (text: string) => `note: ${text}`,
  hint: 'Wheel zooms, drag pans, shift and drag chooses a range; the ruler moves the playhead',
  hintTouch: 'Pinch zooms, drag pans; tap or drag the ruler to see pictures',
  noEventNext: 'No later event',
  noEventBefore: 'No earlier event',
  eventAt: (time: string) => `Event at ${time}`,
};
