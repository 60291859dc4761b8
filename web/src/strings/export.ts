/* Words of exporting. */
import { bytes, count } from '../time/format.ts';

const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;

export const x = {
  title: 'Export',
  what: (parts: {
    stretches: number;
    cameras: string[];
    frames: number | null;
    bytes: number | null;
  }) =>
    [
      parts.cameras.length <= 3
        ? parts.cameras.join(', ')
        : plural(parts.cameras.length, 'camera', 'cameras'),
      parts.stretches > 1 ? plural(parts.stretches, 'stretch', 'stretches') : null,
      parts.frames === null ? null : plural(parts.frames, 'picture', 'pictures'),
      parts.bytes === null ? null : bytes(parts.bytes),
    ]
      .filter((part) => part !== null)
      .join(' · '),
  form: 'As',
  formats: {
    mov: {
      name: 'Video, untouched',
      help: 'The pictures just as the camera sent them, at the times they were taken. Ready at once. For VLC, mpv, QuickTime and editing.',
    },
    mp4: {
      name: 'Video for everything',
      help: 'Smaller, and plays on phones, in browsers and in mail. Has to be made first, which takes a while.',
    },
    zip: {
      name: 'Pictures, as evidence',
      help: 'Every picture untouched, with a list of times, cameras and SHA-256 sums to prove it.',
    },
    mjpeg: {
      name: 'Picture stream',
      help: 'The pictures one after the other without times, for programs that ask for it.',
    },
  },
  burnIn: 'Write camera and time into the picture',
  burnInHelp:
    'In each picture its own time, to the millisecond. The pictures kept here stay as they are.',
  download: 'Download',
  make: 'Make it',
  cancel: 'Cancel',
  cancelExport: 'Cancel export',
  close: 'Close',
  back: 'Choose again',
  started: 'The download has begun',
  waiting: 'Waiting for the export before it',
  making: (done: number, total: number) =>
    `${count(done)} of ${plural(total, 'picture', 'pictures')}`,
  finishing: 'Finishing the file',
  leave: 'You can close this: it goes on, says when it is ready, and stays on the System page.',
  ready: (file: string) => `${file} is ready`,
  size: (n: number) => bytes(n),
  failed: 'The export failed',
  notStarted: 'The export could not be started',
  notRemoved: 'That did not work',
  cancelled: 'Cancelled',
  list: 'Exports',
  listHelp: (most: number) => `Files made in the background are kept for ${most} days.`,
  none: 'No exports',
  noneHelp: 'Videos and archives of several events are made in the background and appear here.',
  states: {
    waiting: 'Waiting',
    running: 'Being made',
    done: 'Ready',
    failed: 'Failed',
    cancelled: 'Cancelled',
    removed: 'Removed',
  },
  until: (when: string) => `goes ${when}`,
  remove: 'Remove',
  named: (what: string, of: string) => `${what}: ${of}`,
};
