/*
 * From the click on an event to its first picture, nothing should wait for anything else: the event
 * is handed over, its first picture asked for at the click, and the player's code is there by then.
 */
import type { EventItem } from '../api/types.ts';
import type { EarlyPicture } from './track.svelte.ts';

interface Handed {
  event: EventItem;
  picture: Promise<EarlyPicture>;
}
let handed: Handed | null = null;

/**
 * The picture of an instant of a camera, by the id that its frame has when nothing else of the
 * camera has the same millisecond (docs/reference/api.md). Null when there is none or it is not
 * that simple: the player finds it all the same, a little later.
 */
export async function pictureAt(event: EventItem, ms: number): Promise<EarlyPicture> {
  const camera = event.cover.id.split('-')[0];
  /* An element: the browser fetches and decodes it without this thread, which has a page to make. */
  const image = new Image();
  image.src = `/api/v1/frames/${camera}-${ms}-0.jpg`;
  return image.decode().then(
    () => image,
    () => null,
  );
}

/** An event is about to be played from its beginning, in this tab. */
export function hand(event: EventItem): void {
  handed = { event, picture: pictureAt(event, Date.parse(event.start)) };
}

/** The event that was handed over, if it is the one that is meant. */
export function take(camera: string | null, at: number | null): Handed | null {
  const mine = handed;
  handed = null;
  if (mine && mine.event.camera === camera && Date.parse(mine.event.start) === at) return mine;
  return null;
}

let loading = false;

/** Gets the player's code while nothing else is to do. */
export function loadPlayer(): void {
  if (loading) return;
  loading = true;
  const idle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 300));
  idle(() => {
    import('../pages/Play.svelte').then(
      ({ warm }) => warm(),
      () => (loading = false),
    );
  });
}
