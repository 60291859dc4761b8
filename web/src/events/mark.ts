/* Marking stretches of time, and taking back just what that changed of them. */
import { send } from '../api/send.ts';
import type { EventItem, Mark } from '../api/types.ts';
import { m } from '../strings/marks.ts';
import { t } from '../strings/en.ts';
import { toasts, type ToastAction } from '../ui/toasts.svelte.ts';

export interface Stretch {
  camera: string;
  from: string;
  to: string;
}
export const stretchOf = ({ camera, start, end }: EventItem): Stretch => ({
  camera,
  from: start,
  to: end,
});

export interface MarkWish {
  reviewed?: boolean;
  pinned?: boolean;
}

/** The most stretches of one request. */
export const AT_ONCE = 1000;

/** What it changed; null: too much to be told. */
export async function mark(
  stretches: Stretch[],
  wish: MarkWish,
  signal?: AbortSignal,
): Promise<Mark[] | null> {
  return (await send('post', '/api/v1/marks', { body: { stretches, ...wish } }, signal)).changed;
}

/** The requests that take back what a wish changed. Pure. */
export function backwards(changed: Mark[], wish: MarkWish): [Stretch[], MarkWish][] {
  const requests: [Stretch[], MarkWish][] = [];
  for (const kind of ['reviewed', 'pinned'] as const) {
    const stretches = changed
      .filter((one) => one.kind === kind)
      .map(({ camera, from, to }) => ({ camera, from, to }));
    for (let at = 0; at < stretches.length; at += AT_ONCE) {
      requests.push([stretches.slice(at, at + AT_ONCE), { [kind]: !wish[kind] }]);
    }
  }
  return requests;
}

/** A button that takes it back; none where nothing was changed, or it is not known what. */
export function undoOf(
  changed: Mark[] | null,
  wish: MarkWish,
  after: (stretches: Stretch[]) => void = () => {},
): { action?: ToastAction } {
  const requests = backwards(changed ?? [], wish);
  if (requests.length === 0) return {};
  const run = async () => {
    try {
      for (const [stretches, opposite] of requests) {
        await mark(stretches, opposite);
        after(stretches);
      }
      toasts.show({ text: m.undone });
    } catch (error) {
      toasts.failed(m.failed.undo, error);
    }
  };
  return { action: { label: t.undo, run: () => void run() } };
}
