/* Words of the System page. */
import { bytes, count } from '../time/format.ts';

const plural = (n: number, one: string, many: string) => `${count(n)} ${n === 1 ? one : many}`;

export const s = {
  title: 'System',
  exports: 'Exports',
  version: (version: string, since: string) => `cctvweb ${version}, started ${since}`,
  disk: {
    title: 'Disk',
    free: (free: number, total: number) => `${bytes(free)} free of ${bytes(total)}`,
    unknown: 'How much room the disk has is not known',
    daysLeft: (days: number, aDay: number) =>
      days < 1
        ? `Full in less than a day, at ${bytes(aDay)} a day`
        : days > 3650
          ? `Room for more than ten years, at ${bytes(aDay)} a day`
          : `Room for about ${plural(Math.floor(days), 'more day', 'more days')}, at ${bytes(aDay)} a day`,
    daysUnknown: 'How long it lasts is told once an hour has been received',
    full: 'The disk is full: cameras are told to come back later. Delete what is not needed, or remove for good what is deleted.',
    reserve: (n: number) => `${bytes(n)} are kept free.`,
    use: 'What the disk holds',
    part: (name: string, n: number, share: number) =>
      `${name}: ${bytes(n)}, ${share < 1 ? 'less than 1' : Math.round(share)} %`,
    parts: {
      frames: 'Received pictures',
      deleted: 'Deleted, can come back',
      exports: 'Exports',
      quarantine: 'Quarantine',
      attachments: 'Other uploads',
      cache: 'Thumbnails',
      catalog: 'Catalog',
      other: 'Everything else',
      free: 'Free',
    },
  },
  coming: {
    title: 'Coming in',
    frames: 'Pictures a second',
    bytes: 'A second',
    minute: 'over the last minute',
    queue: (n: number, limit: number) =>
      `${plural(n, 'batch waits', 'batches wait')} of ${count(limit)}`,
    pictures: 'Pictures in all',
    picturesHelp: (cameras: number, n: number) =>
      `of ${plural(cameras, 'camera', 'cameras')}, ${bytes(n)}`,
    ftp: 'FTP',
    listening: (port: number) => `Listening on port ${port}`,
    notListening: 'Not listening',
    notListeningHelp: 'It starts once there is a camera with an account.',
    elsewhere: 'Another process receives for this data',
    sessions: (sessions: number, uploads: number) =>
      `${plural(sessions, 'connection', 'connections')}, ${plural(uploads, 'upload', 'uploads')} under way`,
  },
  folders: {
    title: 'Folders',
    none: 'No folders are watched.',
    managed: 'may be deleted from',
    readonly: 'never written to',
    scanning: (done: number, total: number | null, rate: number) =>
      total === null
        ? `Looked at ${plural(done, 'file', 'files')}, ${count(Math.round(rate))} a second`
        : `${count(done)} of ${plural(total, 'file', 'files')}, ${count(Math.round(rate))} a second`,
    progress: (folder: string) => `Scan of ${folder}`,
  },
  deleted: {
    title: 'Deleted',
    sum: (n: number, size: number) => `${plural(n, 'picture', 'pictures')}, ${bytes(size)}`,
    none: 'Nothing is waiting to be removed.',
    noneHelp: (hours: number) =>
      hours > 0
        ? `What you delete can come back for ${plural(hours, 'hour', 'hours')}. It waits here.`
        : 'What you delete is removed at once.',
    made: (when: string) => `Deleted ${when}`,
    until: (when: string) => `Removed for good ${when}`,
    due: 'Removed for good any moment',
    purging: 'Being removed for good',
    restoring: 'Coming back',
    undo: 'Bring back',
    purge: 'Remove now',
    undoOf: (what: string) => `Bring back: ${what}`,
    purgeOf: (what: string) => `Remove now: ${what}`,
    cameras: (names: string[]) =>
      names.length <= 3 ? names.join(', ') : plural(names.length, 'camera', 'cameras'),
    restored: (n: number) => `${plural(n, 'picture is', 'pictures are')} back`,
    notRestored: 'They could not be brought back',
    notPurged: 'They could not be removed',
    purged: 'They are being removed for good',
    more: 'Show more',
    confirm: 'Remove these pictures for good?',
    confirmText: (n: number, size: number) =>
      `${plural(n, 'picture', 'pictures')} (${bytes(size)}) will be gone for good. This cannot be undone.`,
    confirmPinned: 'What was pinned since it was deleted comes back instead.',
  },
};
