/*
 * From the click on an event to its first picture, nothing should wait for anything else. It is asked
 * for when one is about to click; at the click it is shown where the player will have it, before the
 * page changes (Curtain.svelte); the player's code is there by then, and takes it over.
 */
import type { EventItem } from '../api/types.ts';
import { curtain } from './curtain.svelte.ts';
import type { EarlyPicture } from './track.svelte.ts';

interface Handed {
  event: EventItem;
  picture: Promise<EarlyPicture>;
}
let handed: Handed | null = null;
let asked: { url: string; image: HTMLImageElement; picture: Promise<EarlyPicture> } | null = null;

/* By the id that the frame has when nothing else of the camera has the same millisecond
 * (docs/reference/api.md). */
const urlOf = (event: EventItem) =>
  `/api/v1/frames/${event.cover.id.split('-')[0]}-${Date.parse(event.start)}-0.jpg`;

function fetched(url: string) {
  /* An element: the browser fetches and decodes it without this thread, which has a page to make. */
  const image = new Image();
  image.fetchPriority = 'high';
  image.src = url;
  const picture = image.decode().then(
    () => image,
    () => null,
  );
  return { url, image, picture };
}

/** Somebody is about to open it. */
export function ask(event: EventItem): void {
  if (asked?.url === urlOf(event)) return;
  forget();
  asked = fetched(urlOf(event));
}

/** No, nobody is. */
export function forget(): void {
  if (asked && !asked.image.complete) asked.image.src = '';
  asked = null;
}

/**
 * The first picture of an event. Null when there is none or its id is not that simple: the player
 * finds it all the same, a little later.
 */
export function firstPicture(event: EventItem): Promise<EarlyPicture> {
  const url = urlOf(event);
  const { picture } = asked?.url === url ? asked : fetched(url);
  asked = null;
  return picture;
}

const LONGEST_MS = 120; /* one waits for the picture on the page one came from */

/**
 * An event is about to be played from its beginning, in this tab. Gives when its page may come: its
 * picture is on the screen, or takes its time.
 */
export function hand(event: EventItem): Promise<unknown> {
  const picture = firstPicture(event);
  handed = { event, picture };
  const late = new Promise<void>((done) => setTimeout(done, LONGEST_MS));
  return Promise.race([picture.then((image) => image && curtain.raise(image)), late]);
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
