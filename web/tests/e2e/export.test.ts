/*
 * Exporting, on the built program: what is downloaded is what the cameras sent, and what takes long
 * may be left. CCTVWEB names the program; without one that runs, these tests are skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, EventItem } from '../../src/api/types.ts';
import { accessibility, launch, openPage, shot, until } from './harness.ts';

const built = fileURLToPath(new URL('../../../build/cctvweb', import.meta.url));
const program = process.env['CCTVWEB'] ?? built;
const runs = spawnSync(program, ['--help']).status === 0;
const encodes = spawnSync('ffmpeg', ['-version']).status === 0;
if (!runs) console.log(`skipped: ${program} is not there; build it first`);

describe.runIf(runs)('exporting', () => {
  let browser: Browser;
  let server: ChildProcess;
  let url = '';
  let folder = '';
  let events: EventItem[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cctvweb-web-'));
    const pictures = join(folder, 'pictures');
    const args = ['--to', pictures, '--size', '640x512', '--start', '2014-05-23T14:00:00Z'];
    spawnSync(program, [
      'simulate',
      '--cameras',
      '1',
      '--seconds',
      '600',
      '--activity',
      '60',
      ...args,
    ]);
    /* The program as it is, but never so quick that nobody sees it at work. */
    const slow = join(folder, 'bin');
    mkdirSync(slow);
    writeFileSync(join(slow, 'ffmpeg'), `#!/bin/sh\nsleep 4\nPATH=$REAL_PATH exec ffmpeg "$@"\n`, {
      mode: 0o755,
    });
    const PATH = process.env['PATH'] ?? '';
    const env = { ...process.env, PATH: `${slow}:${PATH}`, REAL_PATH: PATH };
    const data = ['--data', join(folder, 'data')];
    server = spawn(
      program,
      ['serve', ...data, '--listen', '127.0.0.1:0', '--ftp', 'off', pictures],
      { env },
    );
    for (const said of [server.stdout, server.stderr]) {
      said?.on('data', (text: Buffer) => {
        url ||= /http:\/\/[\d.:]+/.exec(text.toString())?.[0] ?? '';
      });
    }
    events = await until(
      async () => {
        const answer = url ? await fetch(`${url}/api/v1/events`).catch(() => null) : null;
        return answer ? ((await answer.json()) as Answer<'/api/v1/events'>).events : [];
      },
      (list) => list.length >= 2,
      30_000,
    );
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    const ended = new Promise((done) => server?.once('exit', done));
    server?.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  /** Opens the player at an event and its export dialog by the key that stands in the list. */
  async function open(event: EventItem, options = {}) {
    const at = encodeURIComponent(event.start);
    const opened = await openPage(browser, `${url}/play?camera=${event.camera}&at=${at}`, options);
    await opened.page.waitForSelector('canvas[data-frame]');
    await opened.page.keyboard.press('e');
    await opened.page.waitForSelector('dialog[open]');
    return opened;
  }

  async function save(page: Page, click: () => Promise<void>): Promise<[string, Buffer]> {
    const [download] = await Promise.all([page.waitForEvent('download'), click()]);
    return [download.suggestedFilename(), readFileSync(await download.path())];
  }

  const frames = async (event: EventItem) => {
    const query = new URLSearchParams({ camera: event.camera, from: event.start, to: event.end });
    const answer = await fetch(`${url}/api/v1/playback?${query}`);
    return Buffer.from(await answer.arrayBuffer());
  };

  test('an event is downloaded untouched at once', async () => {
    const event = events[0] as EventItem;
    const { page, errors } = await open(event);
    const dialog = page.locator('dialog[open]');
    expect(await dialog.innerText()).toContain(`${event.frames} pictures`);
    expect(await accessibility(page)).toEqual([]);
    await shot(page, 'export');
    const [name, film] = await save(page, () =>
      dialog.getByText('Download', { exact: true }).click(),
    );
    expect(name).toMatch(/_2014-05-23_\d\d-\d\d-\d\d\.mov$/);
    const bytes = await frames(event);
    expect(film.subarray(film.length - bytes.length).equals(bytes)).toBe(true);
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    /* The next time it offers what was chosen last. */
    await page.keyboard.press('e');
    await dialog.getByLabel(/Picture stream/).check();
    const [, stream] = await save(page, () =>
      dialog.getByText('Download', { exact: true }).click(),
    );
    expect(stream.equals(bytes)).toBe(true);
    await page.keyboard.press('e');
    expect(await dialog.getByLabel(/Picture stream/).isChecked()).toBe(true);
    expect(errors).toEqual([]);
  });

  test.runIf(encodes)('a film is made by keys alone, left, and found again', async () => {
    const { page } = await open(events[1] as EventItem);
    const dialog = page.locator('dialog[open]');
    const radio = dialog.getByLabel(/Video, untouched/);
    for (let i = 0; i < 5 && !(await radio.evaluate((one) => one === document.activeElement)); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await dialog.getByLabel(/Video for everything/).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await dialog.getByLabel(/Write camera and time/).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    /* Said wherever one is, when it is ready. */
    const ready = page.getByText(/\.mp4 is ready/);
    await ready.waitFor({ timeout: 25_000 });
    const [name, film] = await save(page, () =>
      page.getByRole('button', { name: 'Download' }).click(),
    );
    expect(name).toMatch(/\.mp4$/);
    expect(film.subarray(4, 8).toString()).toBe('ftyp');
  });

  test.runIf(encodes)('what is being made shows how far it is, and can be cancelled', async () => {
    const { page } = await open(events[0] as EventItem, { colorScheme: 'dark' });
    const dialog = page.locator('dialog[open]');
    await dialog.getByLabel(/Video for everything/).check();
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await dialog.locator('progress').waitFor();
    expect(await accessibility(page)).toEqual([]);
    await shot(page, 'export-progress-dark');
    await dialog.getByRole('button', { name: 'Cancel export' }).click();
    await dialog.getByLabel(/Video for everything/).waitFor();
    const listed = async () => {
      const answer = await fetch(`${url}/api/v1/exports`);
      return ((await answer.json()) as Answer<'/api/v1/exports'>).exports[0]?.state;
    };
    await expect.poll(listed).toBe('cancelled');
  });

  test('several events become one archive', async () => {
    const { page } = await openPage(browser, `${url}/events`);
    const boxes = page.getByRole('checkbox', { name: /^Choose / });
    await boxes.first().waitFor({ state: 'attached' });
    await boxes.nth(0).click({ force: true });
    await boxes.nth(1).click({ force: true });
    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.locator('dialog[open]');
    expect(await dialog.innerText()).toContain('2 stretches');
    await dialog.getByLabel(/Pictures, as evidence/).check();
    await dialog.getByRole('button', { name: 'Make it' }).click();
    const link = dialog.getByText('Download', { exact: true });
    await link.waitFor({ timeout: 20_000 });
    const [name, archive] = await save(page, () => link.click());
    expect(name).toMatch(/\.zip$/);
    expect(archive.subarray(0, 2).toString()).toBe('PK');
    expect(archive.includes('SHA256SUMS')).toBe(true);
  });
});
