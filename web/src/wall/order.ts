/* Which cameras stand in front on the live wall: those something moves before, the latest first. */
import type { Camera, Frame } from '../api/types.ts';

/** How long after its last frame with motion a camera stays in front. */
export const FRESH_MS = 30_000;

export interface Motion {
  began: number;
  last: number;
}
export type Motions = ReadonlyMap<string, Motion>;

export function hasMotion(frame: Pick<Frame, 'kinds' | 'windows'>): boolean {
  return frame.windows.length > 0 || frame.kinds.includes('motion');
}

/** With motion seen at `now`: it goes on when the last was a moment ago, else it begins. */
export function withMotion(motions: Motions, camera: string, now: number): Map<string, Motion> {
  const old = motions.get(camera);
  const began = old && now - old.last < FRESH_MS ? old.began : now;
  return new Map(motions).set(camera, { began, last: now });
}

/** Without what is over; the same when nothing is. */
export function stillFresh(motions: Motions, now: number): Motions {
  const fresh = [...motions].filter(([, motion]) => now - motion.last < FRESH_MS);
  return fresh.length === motions.size ? motions : new Map(fresh);
}

/** What a camera that has just been read shows of motion. */
export function motionOf(camera: Camera, now: number): Motion | null {
  const received = Date.parse(camera.last_received ?? '');
  if (!camera.latest?.windows.length || !(Math.abs(now - received) < FRESH_MS)) return null;
  return { began: received, last: received };
}

/** How many of so many grow, at most: each takes the room of four, and as many small ones as lie
 * beside it leave no holes. */
export function mostGrown(cameras: number): number {
  return Math.max(1, Math.floor(cameras / 3));
}

/** Those with motion by when it began, so that they keep their places while it lasts; then the rest
 * in the order they have, so that the wall is calm. */
export function wallOrder(cameras: Camera[], motions: Motions): Camera[] {
  const began = (camera: Camera) => motions.get(camera.name)?.began ?? 0;
  return [...cameras].sort((a, b) => began(b) - began(a));
}
