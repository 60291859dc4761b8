/* Whether a camera is silent: nothing comes although it usually does. The server judges from which
 * length on that is so; the page knows how long it has been. */
import type { Camera } from '../api/types.ts';

export type Silence = 'live' | 'quiet' | 'silent' | 'empty';

export function silenceOf(camera: Camera, now: number): Silence {
  if (camera.state !== 'quiet') return camera.state;
  const { silent_after } = camera.health;
  const since = now - Date.parse(camera.last_received ?? camera.last ?? '');
  return silent_after !== null && since > silent_after * 1000 ? 'silent' : 'quiet';
}
