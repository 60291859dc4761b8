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
  burnIn: 'Show camera and time in the picture',
  download: 'Download',
  make: 'Make it',
  cancel: 'Cancel',
  started: 'The download has begun',
};
