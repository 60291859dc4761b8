/* What was said of the time that is seen: reviewed and pinned stretches, notes. */
import { get } from '../api/client.ts';
import type { Mark } from './draw.ts';
import { lengthOf, type View } from './view.ts';

const PAGE = 1000;
const PAGES_MOST = 4;
const SETTLE_MS = 250;
/* Cameras of one call. */
const TOGETHER = 32;

type Query = { camera: string[]; from: string; to: string; limit: number };

async function marksOf(query: Query): Promise<Mark[]> {
  const list: Mark[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page++) {
    const answer: {
      marks: { camera: string; kind: string; from: string; to: string }[];
      next: string | null;
    } = await get('/api/v1/marks', { ...query, ...(cursor === null ? {} : { cursor }) });
    for (const { camera, kind, from, to } of answer.marks) {
      const of = kind === 'pinned' ? 'pinned' : 'reviewed';
      list.push({ camera, kind: of, from: Date.parse(from), to: Date.parse(to) });
    }
    cursor = answer.next;
    if (cursor === null) break;
  }
  return list;
}

async function notesOf(query: Query): Promise<Mark[]> {
  const { notes } = await get('/api/v1/notes', query);
  return notes.map(({ camera, from, to, text }) => ({
    camera,
    kind: 'note' as const,
    from: Date.parse(from),
    to: Date.parse(to),
    text,
  }));
}

class TimelineMarks {
  list = $state.raw<Mark[]>([]);
  #asked: { cameras: string[]; view: View } | null = null;
  #known = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  want(cameras: string[], view: View): void {
    this.#asked = { cameras, view };
    this.#soon();
  }

  /** Something was said or taken back. */
  changed(): void {
    this.#known = '';
    if (this.#asked) this.#soon();
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = null;
    this.#known = '';
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), SETTLE_MS);
  }

  async #read(): Promise<void> {
    if (!this.#asked) return;
    const { cameras, view } = this.#asked;
    /* Stretches of whole lengths, so that a small move asks for nothing. */
    const length = lengthOf(view);
    const step = 2 ** Math.ceil(Math.log2(length));
    const from = Math.max(0, Math.floor(view.from / step - 0.5) * step);
    const to = from + 3 * step;
    const key = `${cameras.join('\n')} ${from} ${to}`;
    if (key === this.#known || cameras.length === 0) return;
    this.#known = key;
    try {
      const parts: Promise<Mark[]>[] = [];
      for (let at = 0; at < cameras.length; at += TOGETHER) {
        const camera = cameras.slice(at, at + TOGETHER);
        const query = { camera, from: String(from), to: String(to), limit: PAGE };
        parts.push(marksOf(query), notesOf(query));
      }
      const list = (await Promise.all(parts)).flat();
      if (key === this.#known) this.list = list;
    } catch {
      /* the timeline is as good without; asked again when it moves */
      if (key === this.#known) this.#known = '';
    }
  }
}

export const marks = new TimelineMarks();
