/* The built program on pictures of simulated cameras, for tests that nothing should stand in for. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, JsonPath } from '../../src/api/types.ts';
import { until } from './harness.ts';

const built = fileURLToPath(new URL('../../../build/cctvweb', import.meta.url));
export const program = process.env['CCTVWEB'] ?? built;
export const programRuns = spawnSync(program, ['--help']).status === 0;
if (!programRuns) console.log(`skipped: ${program} is not there; build it first`);

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

export class Program {
  url = '';
  readonly folder = mkdtempSync(join(tmpdir(), 'cctvweb-web-'));
  readonly pictures = join(this.folder, 'pictures');
  #server: ChildProcess | null = null;
  #options: string[] = [];

  simulate(...options: string[]): void {
    const args = ['simulate', '--to', this.pictures, '--size', '640x512', ...options];
    const done = spawnSync(program, args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  }

  /** Starts it, and waits until it knows this many frames. */
  async start(frames: number, ...options: string[]): Promise<void> {
    this.url ||= `http://127.0.0.1:${await freePort()}`;
    this.#options = options;
    this.resume();
    await until(
      async () => {
        const answer = await this.ask('/api/v1/cameras').catch(() => null);
        return answer?.cameras.reduce((sum, camera) => sum + camera.frames, 0) ?? 0;
      },
      (known) => known >= frames,
      30_000,
    );
  }

  resume(): void {
    const data = join(this.folder, 'data');
    const args = ['serve', '--data', data, '--listen', this.url.slice('http://'.length)];
    this.#server = spawn(program, [...args, ...this.#options, this.pictures], { stdio: 'ignore' });
  }

  async pause(): Promise<void> {
    const server = this.#server;
    const ended = new Promise((done) => server?.on('exit', done));
    server?.kill();
    await ended;
  }

  stop(): void {
    this.#server?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<P extends JsonPath>(path: P, query = ''): Promise<Answer<P>> {
    const response = await fetch(`${this.url}${path}${query}`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Answer<P>;
  }
}
