/* The player's worker: fetching, slicing and decoding happen here, never on the page's thread. */
import type { FromWorker, ToWorker } from './messages.ts';
import { Session } from './session.ts';
import { DecodeSlots } from './slots.ts';

const scope = self as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};
const slots = new DecodeSlots();
const sessions = new Map<number, Session>();
const post = (message: FromWorker, transfer: Transferable[] = []) =>
  scope.postMessage(message, transfer);

/* What is fetched ahead waits until the event that plays has all it needs. */
const waiting: { session: Session; at: number | null }[] = [];
function startWaiting(): void {
  for (const { session, at } of waiting.splice(0)) session.open(at);
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'open') {
    const session = new Session(data.session, data, slots, post, startWaiting);
    sessions.set(data.session, session);
    const others = [...sessions.values()].some((s) => s !== session && !s.ahead && s.busy);
    if (data.ahead && others) waiting.push({ session, at: data.at });
    else session.open(data.at);
    return;
  }
  const session = sessions.get(data.session);
  if (!session) return;
  switch (data.kind) {
    case 'show': {
      session.show();
      const late = waiting.findIndex((entry) => entry.session === session);
      if (late >= 0) session.open(waiting.splice(late, 1)[0]?.at ?? null);
      break;
    }
    case 'want':
      session.want(data.playhead, data.direction, data.frames, data.dropped);
      break;
    case 'extend':
      session.extend(data.to);
      break;
    case 'close': {
      session.close();
      sessions.delete(data.session);
      const late = waiting.findIndex((entry) => entry.session === session);
      if (late >= 0) waiting.splice(late, 1);
      break;
    }
  }
};
