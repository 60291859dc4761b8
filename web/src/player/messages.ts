/* What the player's page and its worker say to each other. */

export interface IndexFrame {
  id: string;
  time: number;
  windows: number[];
  kinds: string[];
  trigger: number | null;
}

export type ToWorker =
  /** Begin to hold the frames of a range; `ahead`: only its beginning, when nothing else is to do. */
  | {
      kind: 'open';
      session: number;
      camera: string;
      from: string;
      to: string;
      at: number | null;
      ahead: boolean;
      share: number /* of how many that are shown at once, and share the memory, it is one */;
    }
  /** What was fetched ahead is on the screen now. */
  | { kind: 'show'; session: number }
  /** Where the playhead is, which frames to have decoded (most wanted first), which were let go. */
  | {
      kind: 'want';
      session: number;
      playhead: number;
      direction: 1 | -1;
      frames: number[];
      dropped: number[];
    }
  /** The range now reaches further. */
  | { kind: 'extend'; session: number; to: string }
  | { kind: 'close'; session: number };

export type FromWorker =
  /** The frames of the range, or those that came by `extend` (`first` > 0). */
  | { kind: 'index'; session: number; first: number; frames: IndexFrame[] }
  | { kind: 'bitmap'; session: number; frame: number; bitmap: ImageBitmap }
  /** A frame that cannot be shown, ever. */
  | { kind: 'broken'; session: number; frame: number; reason: string; gone: boolean }
  /** Which stretches are here, as pairs of first and last frame. */
  | { kind: 'held'; session: number; stretches: [number, number][] }
  /** The frames are not those of the index any more. */
  | { kind: 'stale'; session: number }
  /** `again`: it is tried again by itself; what comes then says that it is over. */
  | { kind: 'failed'; session: number; status: number; detail: string; again: boolean };
