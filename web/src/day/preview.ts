/* The picture of a moment of a day: of the first frame at or after it. Each is asked for once. */
import { get } from '../api/client.ts';

const MOST = 400;
const known = new Map<string, Promise<string | null>>();

/** The URL of the picture; null: there is none in the range. */
export function pictureAt(camera: string, from: number, to: number): Promise<string | null> {
  const key = `${camera} ${from} ${to}`;
  const old = known.get(key);
  if (old) return old;
  const asked = get('/api/v1/frames', {
    camera,
    from: String(from),
    to: String(to),
    limit: 1,
  }).then(
    (answer) => answer.frames[0]?.url ?? null,
    () => {
      known.delete(key);
      return null;
    },
  );
  known.set(key, asked);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return asked;
}
