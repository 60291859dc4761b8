/*
 * A stand-in for `cctvweb serve`: the calls the pages use, over a World, with the same security
 * headers, and with faults that a real server is hard to talk into.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventItem } from '../../src/api/types.ts';
import type { Reception, World, WorldCamera } from './world.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const CSP = "default-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:";

interface Given {
  stretches?: { camera: string; from: string; to: string }[];
  reviewed?: boolean;
  pinned?: boolean;
  camera?: string;
  from?: string;
  to?: string;
  text?: string;
}

class Problem extends Error {
  status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export class StandIn {
  world: World;
  changes: { method: string; call: string; body: Given }[] = [];
  /** Every request: method is always GET; `aborted` when the browser hung up before the end. */
  log: { url: string; range: string | undefined; aborted: boolean }[] = [];
  gone = new Set<string>();
  damaged = new Set<string>();
  conflict = false;
  /** No pictures are to be had, as when a proxy before the program finds it away. */
  away = false;
  /** Wait this long after each 64 KiB of a stream. */
  streamDelay = 0;
  #pictures: Buffer[];
  #server: Server | null = null;
  #live = new Set<ServerResponse>();
  #ids = 0;
  port = 0;

  constructor(world: World, pictures: Buffer[]) {
    this.world = world;
    this.#pictures = pictures;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    if (!existsSync(join(DIST, 'index.html'))) throw new Error('run `npm run build` first');
    const server = createServer((request, response) => {
      void this.#answer(request, response).catch((error: unknown) => {
        const status = error instanceof Problem ? error.status : 500;
        const detail = error instanceof Error ? error.message : String(error);
        if (response.headersSent) return void response.destroy();
        response.writeHead(status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ type: 'about:blank', title: 'Problem', status, detail }));
      });
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.#live.clear();
    this.#server?.closeAllConnections();
    await new Promise((done) => this.#server?.close(done));
  }

  get watchers(): number {
    return this.#live.size;
  }

  emit(kind: string, data: unknown): void {
    for (const response of this.#live) {
      response.write(`id: ${++this.#ids}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  requests(part: string): string[] {
    return this.log.map((entry) => entry.url).filter((url) => url.includes(part));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const entry = { url: request.url ?? '', range: request.headers.range, aborted: false };
    this.log.push(entry);
    response.on('close', () => (entry.aborted = !response.writableEnded));
    const path = url.pathname;
    if (!path.startsWith('/api/')) return this.#page(path, response);
    const call = path.slice('/api/v1'.length);
    if (call === '/live') return this.#watch(response);
    if (this.away && /^\/(playback|frames)/.test(call)) throw new Problem(502, 'Bad Gateway');
    if (call === '/playback') return this.#playback(url, request, response);
    const picture = /^\/frames\/(.+)\.jpg$/.exec(call);
    if (picture) return this.#picture(picture[1] ?? '', response);
    if (request.method !== 'GET') return this.#change(request, response, call);
    const body = this.#json(call, url.searchParams);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
    response.end(JSON.stringify(body));
  }

  /** Fails the next so many changes. */
  refuse = 0;
  /** How long a change takes. */
  changeDelay = 0;

  async #change(request: IncomingMessage, response: ServerResponse, call: string): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const body = text ? (JSON.parse(text) as Given) : {};
    this.changes.push({ method: request.method ?? '', call, body });
    if (this.changeDelay > 0) await new Promise((done) => setTimeout(done, this.changeDelay));
    if (this.refuse > 0) {
      this.refuse--;
      throw new Problem(503, 'the disk is full');
    }
    const answer = (status: number, json?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(json === undefined ? undefined : JSON.stringify(json));
    };
    const stretches = body.stretches ?? [];
    if (stretches.length > 1000) throw new Problem(400, 'stretches: wanted are 1 .. 1000 of them');
    /* One message a camera, from its first to its last, as the server does it. */
    const tell = (kind: string) => {
      for (const camera of new Set(stretches.map((one) => one.camera))) {
        const mine = stretches.filter((one) => one.camera === camera);
        const from = mine.map((one) => one.from).sort()[0];
        const to = mine.map((one) => one.to).sort()[mine.length - 1];
        this.emit(kind, { camera, from, to });
      }
    };
    if (call === '/marks') {
      const changed = this.world.mark(stretches, body);
      answer(200, { stretches: stretches.length, changed });
      return tell('marks');
    }
    if (call === '/deletions') {
      const done = this.world.delete(stretches);
      answer(200, { ...done, until: done.undo && '2030-01-01T00:00:00.000Z' });
      return tell('deleted');
    }
    const undo = /^\/deletions\/(\w+)\/undo$/.exec(call);
    if (undo) {
      const back = this.world.restore(undo[1] ?? '');
      if (!back) throw new Problem(404, 'there is no such deletion');
      answer(200, { restored: 1, bytes: 1 });
      for (const { camera, bursts } of back) {
        const [first, last] = [bursts[0], bursts[bursts.length - 1]];
        if (!first || !last) continue;
        const [from, to] = [first.start, this.world.end(last)];
        this.emit('restored', {
          camera,
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
        });
      }
      return;
    }
    if (call === '/notes' || call.startsWith('/notes/')) return this.#note(call, body, answer);
    throw new Problem(405, call);
  }

  #note(call: string, body: Given, answer: (status: number, json?: unknown) => void): void {
    const id = Number(call.slice('/notes/'.length));
    if (call === '/notes') {
      const { camera = '', from = '', to = '', text = '' } = body;
      const changed = '2014-05-24T08:00:00.000Z';
      const note = { id: this.#ids++, camera, from, to, text, changed };
      this.world.notes = [...this.world.notes, note];
      answer(201, note);
      return this.emit('marks', { camera, from, to });
    }
    const old = this.world.notes.find((note) => note.id === id);
    if (!old) throw new Problem(404, 'there is no such note');
    const text = body.text;
    this.world.notes = this.world.notes.flatMap((note) =>
      note !== old ? [note] : text ? [{ ...note, text }] : [],
    );
    if (text) answer(200, { ...old, text });
    else answer(204);
    this.emit('marks', { camera: old.camera, from: old.from, to: old.to });
  }

  #page(path: string, response: ServerResponse): void {
    const file = extname(path) ? join(DIST, path) : join(DIST, 'index.html');
    if (!file.startsWith(DIST) || !existsSync(file)) throw new Problem(404, path);
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
    });
    response.end(readFileSync(file));
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    this.#live.add(response);
    response.on('close', () => this.#live.delete(response));
  }

  #camera(query: URLSearchParams) {
    const name = query.get('camera');
    const camera = this.world.find(name);
    if (!camera) throw new Problem(404, `there is no camera ${name}`);
    return camera;
  }

  #json(call: string, query: URLSearchParams): unknown {
    const from = Number(query.get('from') ?? 0) || Date.parse(query.get('from') ?? '') || 0;
    const to = Number(query.get('to') ?? Infinity) || Date.parse(query.get('to') ?? '') || Infinity;
    if (call === '/cameras') {
      const cameras = this.world.cameras.map((camera) => this.world.camera(camera));
      return { cameras, total: cameras.length, next: null };
    }
    const one = this.world.cameras.find(
      ({ name }) => call === `/cameras/${encodeURIComponent(name)}`,
    );
    if (one) return this.world.camera(one);
    if (call === '/accounts') {
      const accounts = Object.entries(this.world.shared).map(([user, kept]) => ({
        user,
        camera: null,
        disabled: false,
        quarantine: kept.quarantine.length,
        attachments: kept.attachments.length,
      }));
      return { accounts, total: accounts.length, next: null };
    }
    const kept = /^\/(cameras|accounts)\/([^/]+)\/(quarantine|attachments|log|paths|upload)$/.exec(
      call,
    );
    if (kept) {
      const name = decodeURIComponent(kept[2] ?? '');
      const all =
        kept[1] === 'accounts' ? this.world.shared[name] : this.world.find(name)?.reception;
      return this.#reception(all, kept[3] ?? '', query, name);
    }
    if (call === '/events') return this.#events(query, from, to);
    if (call === '/marks') {
      const marks = this.#cameras(query).flatMap((camera) => this.world.marks(camera, from, to));
      return { marks, total: marks.length, next: null };
    }
    if (call === '/notes') {
      const notes = this.world.notes.filter(
        (note) =>
          this.#cameras(query).some((camera) => camera.name === note.camera) &&
          Date.parse(note.from) <= to &&
          Date.parse(note.to) >= from,
      );
      return { notes, total: notes.length, next: null };
    }
    if (call === '/frames') {
      const all = this.world.frames(this.#camera(query), from, to);
      const frames = all.slice(0, Number(query.get('limit') ?? 100));
      return { frames, total: all.length, next: null };
    }
    if (call === '/frames/near') {
      const at = Number(query.get('at'));
      return {
        frames: this.#cameras(query).flatMap((camera) => this.world.near(camera, at) ?? []),
      };
    }
    if (call === '/silences') {
      return { cameras: this.#cameras(query).map((one) => this.world.silences(one, from, to)) };
    }
    if (call === '/activity') {
      const activity = this.#cameras(query).map((camera) =>
        this.world.once(camera, `activity ${query.toString()}`, () =>
          this.#activity(camera, query, from, to),
        ),
      );
      return { activity };
    }
    if (call === '/playback/index') {
      const camera = this.#camera(query);
      let offset = 0;
      const frames = this.world.frames(camera, from, to).map((frame) => {
        const length = this.#bytes(frame.id).length;
        const { id, time, windows, kinds, trigger } = frame;
        offset += length;
        return { id, offset: offset - length, length, time, windows, kinds, trigger };
      });
      const range = { camera: camera.name, from: query.get('from'), to: query.get('to') };
      return { ...range, type: 'video/x-motion-jpeg', bytes: offset, count: frames.length, frames };
    }
    throw new Problem(404, call);
  }

  #reception(
    all: Reception | undefined,
    what: string,
    query: URLSearchParams,
    name: string,
  ): unknown {
    if (!all) throw new Problem(404, `there is nothing at ${what}`);
    if (what === 'log') return { lines: all.log };
    if (what === 'paths') return { paths: [] };
    if (what === 'upload') {
      const tls = { explicit: false, implicit_port: null, required: false };
      const where = { addresses: ['10.0.0.2'], port: 2121, tls, passive_ports: null };
      return { user: name, password: null, ...where, only_this_machine: false, off: null };
    }
    const list = what === 'quarantine' ? all.quarantine : all.attachments;
    const first = Number(query.get('cursor') ?? 0);
    const next = first + 100 < list.length ? String(first + 100) : null;
    return { [what]: list.slice(first, first + 100), total: list.length, next };
  }

  #cameras(query: URLSearchParams) {
    const names = query.getAll('camera');
    const cameras = names.map((name) => {
      const camera = this.world.find(name);
      if (!camera) throw new Problem(404, `there is no camera ${name}`);
      return camera;
    });
    return cameras.length > 0 ? cameras : this.world.cameras;
  }

  #events(query: URLSearchParams, from: number, to: number): unknown {
    const dwell = Number(query.get('dwell') ?? 3);
    const sort = query.get('sort') ?? 'time';
    const any = (name: string, has: (value: string) => boolean) =>
      query.getAll(name).length === 0 || query.getAll(name).some(has);
    const list = this.#cameras(query).flatMap((camera) =>
      this.world.events(camera, dwell).filter((event) => {
        if (Date.parse(event.end) < from || Date.parse(event.start) > to) return false;
        if (!any('window', (window) => event.windows.includes(Number(window)))) return false;
        if (!any('kind', (kind) => event.kinds.includes(kind))) return false;
        const flag = (name: string, is: boolean) => (query.get(name) ?? String(is)) === String(is);
        if (!flag('reviewed', event.reviewed) || !flag('pinned', event.pinned)) return false;
        if (!flag('noted', event.notes.length > 0)) return false;
        if (!query.has('weekday') && !query.has('hours')) return true;
        /* "Fri 14:08" by another road than the page's own */
        const local = new Intl.DateTimeFormat('en-GB', {
          timeZone: camera.timezone,
          weekday: 'short',
          hour: '2-digit',
          minute: '2-digit',
        }).format(Date.parse(event.start));
        const clock = local.slice(-5);
        if (!any('weekday', (day) => local.toLowerCase().startsWith(day))) return false;
        const [start = '', end = ''] = (query.get('hours') ?? '00:00-24:00').split('-');
        return start < end ? clock >= start && clock < end : clock >= start || clock < end;
      }),
    );
    const value: Record<string, (event: EventItem) => number> = {
      time: (event) => Date.parse(event.start),
      duration: (event) => event.duration,
      frames: (event) => event.frames,
      windows: (event) => event.windows[0] ?? (sort.startsWith('-') ? 0 : 65),
    };
    const of = value[sort.replace('-', '')] as (event: EventItem) => number;
    const start = (event: EventItem) => Date.parse(event.start);
    list.sort((a, b) => of(a) - of(b) || start(a) - start(b));
    if (sort.startsWith('-')) list.reverse();
    const limit = Number(query.get('limit') ?? 100);
    /* By the last event's place in the order, as the server does it, not by its number. */
    const cursor = query.get('cursor')?.split(' ').map(Number);
    const sign = sort.startsWith('-') ? -1 : 1;
    const behind = (event: EventItem) =>
      !cursor ||
      ((of(event) - (cursor[0] ?? 0)) * sign || (start(event) - (cursor[1] ?? 0)) * sign) > 0;
    const rest = list.filter(behind);
    const last = rest[limit - 1];
    const next = last && rest.length > limit ? `${of(last)} ${start(last)}` : null;
    return { events: rest.slice(0, limit), total: list.length, next };
  }

  #activity(camera: WorldCamera, query: URLSearchParams, from: number, to: number): unknown {
    const bucket = Number(query.get('bucket') ?? 60);
    const origin = Number(query.get('origin') ?? 0);
    const buckets = new Map<
      number,
      { frames: number; motion: number; windows: Map<number, number> }
    >();
    const step = bucket * 1000;
    for (const [time, windows] of this.world.moments(camera, from, to)) {
      const start = origin + Math.floor((time - origin) / step) * step;
      const one = buckets.get(start) ?? { frames: 0, motion: 0, windows: new Map() };
      one.frames++;
      if (windows.length > 0) one.motion++;
      for (const window of windows) one.windows.set(window, (one.windows.get(window) ?? 0) + 1);
      buckets.set(start, one);
    }
    return {
      camera: camera.name,
      from: query.get('from'),
      to: query.get('to'),
      bucket,
      buckets: [...buckets].map(([start, one]) => ({
        start: new Date(start).toISOString(),
        frames: one.frames,
        motion_frames: one.motion,
        bytes: one.frames * 20_000,
        windows: Object.fromEntries(one.windows),
      })),
    };
  }

  #bytes(id: string): Buffer {
    const ms = Number(id.split('-')[1]);
    const picture = this.#pictures[this.world.picture(ms)] as Buffer;
    if (!this.damaged.has(id)) return picture;
    return Buffer.concat([picture.subarray(0, 200), Buffer.alloc(picture.length - 200, 7)]);
  }

  #picture(id: string, response: ServerResponse): void {
    if (this.gone.has(id)) throw new Problem(410, `/pictures/${id}.jpg has vanished`);
    response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'max-age=3600' });
    response.end(this.#bytes(id));
  }

  async #playback(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const query = url.searchParams;
    const at = (name: string) => Date.parse(query.get(name) ?? '') || Number(query.get(name));
    const frames = this.world.frames(this.#camera(query), at('from'), at('to'));
    const hole = frames.findIndex((frame) => this.gone.has(frame.id));
    if (this.conflict) throw new Problem(409, 'a file of the range has changed');
    const parts = frames.map((frame) => this.#bytes(frame.id));
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(total - 1, Number(range[2])) : total - 1;
    const before = (n: number) => parts.slice(0, n).reduce((sum, part) => sum + part.length, 0);
    /* A file that is gone ends the stream there, as a real one would. */
    const breaks = hole >= 0 && before(hole) + 1 > start ? before(hole) : Infinity;
    if (range && hole >= 0 && start === before(hole)) throw new Problem(409, 'a file has vanished');
    response.writeHead(range ? 206 : 200, {
      'content-type': 'video/x-motion-jpeg',
      'content-length': String(end - start + 1),
      ...(range ? { 'content-range': `bytes ${start}-${end}/${total}` } : {}),
    });
    let position = 0;
    for (const part of parts) {
      const from = Math.max(0, start - position);
      const to = Math.min(part.length, end + 1 - position);
      if (position >= breaks) return void response.destroy();
      if (to > from) response.write(part.subarray(from, to));
      position += part.length;
      if (position > end || response.destroyed) break;
      if (this.streamDelay > 0 && to > from)
        await new Promise((done) => setTimeout(done, this.streamDelay));
      else if (response.writableNeedDrain) await drained(response);
    }
    response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    const over = () => {
      response.off('drain', over);
      response.off('close', over);
      done();
    };
    response.on('drain', over);
    response.on('close', over);
  });
}
