/* What was deleted and can still come back. */
import { get } from '../api/client.ts';

export interface Undo {
  id: string;
  until: string;
}

/** The deletion that took a stretch of a camera away, if it can still be undone. */
export async function deletionOf(camera: string, from: number, to: number): Promise<Undo | null> {
  const { deletions } = await get('/api/v1/deletions', { limit: 20 });
  const one = deletions.find(
    (deletion) =>
      deletion.state === 'waiting' &&
      deletion.cameras.includes(camera) &&
      Date.parse(deletion.from ?? '') <= to &&
      Date.parse(deletion.to ?? '') >= from,
  );
  return one ? { id: one.id, until: one.until } : null;
}
