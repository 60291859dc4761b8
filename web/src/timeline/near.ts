/* The frames nearest to a moment. What was asked once is known for a while. */
import { get } from '../api/client.ts';
import type { Frame } from '../api/types.ts';
import { Kept } from './kept.ts';

const known = new Kept<Promise<Frame | null>>(500);

/** Of each camera that has any. */
export async function nearTo(
  cameras: string[],
  at: number,
  signal?: AbortSignal,
): Promise<Map<string, Frame>> {
  const answer = await get(
    '/api/v1/frames/near',
    { camera: cameras, at: String(Math.round(at)) },
    signal,
  );
  return new Map(answer.frames.map((frame) => [frame.camera, frame]));
}

/** Of one camera; times within `step` of one another are asked for once. */
export function nearest(camera: string, at: number, step: number): Promise<Frame | null> {
  const slot = Math.max(1, Math.round(step));
  const middle = Math.floor(at / slot) * slot + Math.floor(slot / 2);
  const key = `${camera} ${slot} ${middle}`;
  const old = known.get(key);
  if (old) return old;
  const asked = nearTo([camera], middle).then(
    (frames) => frames.get(camera) ?? null,
    () => {
      known.delete(key);
      return null;
    },
  );
  known.set(key, asked);
  return asked;
}

/** Frames came or went. */
export function forgetNearest(): void {
  known.clear();
}
