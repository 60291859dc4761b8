/* Lists of events follow what happens, is marked, deleted or brought back. */
import { live } from '../api/live.svelte.ts';
import type { EventPages } from './events.svelte.ts';

/** Until the function it answers is called. */
export function follow(
  list: () => EventPages | null,
  zoneOf: (camera: string) => string,
): () => void {
  const stops = [
    live.on('event', (event) => list()?.live(event, zoneOf(event.camera))),
    ...(['marks', 'deleted', 'restored'] as const).map((kind) =>
      live.on(kind, (stretch) => list()?.changed(stretch)),
    ),
    live.onResync(() => void list()?.refresh()),
  ];
  return () => stops.forEach((stop) => stop());
}
