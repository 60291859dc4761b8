/* Where the events beside a moment begin. */
import { get } from '../api/client.ts';

/** The start of the next or previous event of a camera; null: there is none. */
export async function eventBeside(
  camera: string,
  at: number,
  direction: 1 | -1,
): Promise<number | null> {
  const edge = String(Math.round(at) + direction);
  const answer = await get('/api/v1/events', {
    camera: [camera],
    ...(direction > 0 ? { from: edge, sort: 'time' } : { to: edge, sort: '-time' }),
    limit: 2,
  });
  /* The one the moment lies in begins elsewhere than beyond it. */
  const starts = answer.events.map((event) => Date.parse(event.start));
  const found = starts.find((start) => (direction > 0 ? start > at : start < at - 1));
  return found ?? null;
}
