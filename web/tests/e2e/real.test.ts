/*
 * The pages on the built program, with pictures of simulated cameras: nothing here stands in for
 * anything. CCTVWEB names the program; without one that runs, these tests are skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, JsonPath } from '../../src/api/types.ts';
import { accessibility, launch, openPage, shot, until } from './harness.ts';

const built = fileURLToPath(new URL('../../../build/cctvweb', import.meta.url));
const program = process.env['CCTVWEB'] ?? built;
const runs = spawnSync(program, ['--help']).status === 0;
if (!runs) console.log(`skipped: ${program} is not there; build it first`);

const ZONE = 'America/Chicago';
const START = '2014-05-23T14:00:00Z';

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

describe.runIf(runs)('on the built program', () => {
  let browser: Browser;
  let server: ChildProcess;
  let url = '';
  let folder = '';
  let pictures = '';

  function simulate(...options: string[]): void {
    const args = ['simulate', '--to', pictures, '--zone', ZONE, '--size', '640x512', ...options];
    const done = spawnSync(program, args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  }

  async function ask<P extends JsonPath>(path: P, query = ''): Promise<Answer<P>> {
    const response = await fetch(`${url}${path}${query}`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Answer<P>;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cctvweb-web-'));
    pictures = join(folder, 'pictures');
    simulate('--cameras', '2', '--start', START, '--seconds', '900', '--activity', '60');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const args = ['serve', '--data', join(folder, 'data'), '--listen', `127.0.0.1:${port}`];
    server = spawn(program, [...args, '--zone', ZONE, pictures], { stdio: 'ignore' });
    await until(
      async () => {
        const answer = await ask('/api/v1/cameras').catch(() => null);
        return answer?.cameras.reduce((sum, camera) => sum + camera.frames, 0) ?? 0;
      },
      (frames) => frames > 100,
      30_000,
    );
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  const drawn = async (page: Page) =>
    Number(await page.locator('canvas').getAttribute('data-frame', { timeout: 3000 }));

  /* How far the canvas is from the frame's own file, as the mean of all channels, 0 .. 255. */
  function difference(page: Page, id: string): Promise<number> {
    return page.evaluate(async (frame) => {
      const canvas = document.querySelector('canvas');
      const paint = canvas?.getContext('2d');
      if (!canvas || !paint) return 255;
      const shown = paint.getImageData(0, 0, canvas.width, canvas.height).data;
      const blob = await (await fetch(`/api/v1/frames/${frame}.jpg`)).blob();
      const bitmap = await createImageBitmap(blob);
      const other = new OffscreenCanvas(bitmap.width, bitmap.height);
      const brush = other.getContext('2d') as OffscreenCanvasRenderingContext2D;
      brush.drawImage(bitmap, 0, 0);
      const own = brush.getImageData(0, 0, bitmap.width, bitmap.height).data;
      if (own.length !== shown.length) return 255;
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += Math.abs((own[i] ?? 0) - (shown[i] ?? 0));
      return sum / own.length;
    }, id);
  }

  test('can be installed as an app: Chromium finds nothing amiss', async () => {
    const { page, errors } = await openPage(browser, `${url}/`);
    const session = await page.context().newCDPSession(page);
    const manifest = await session.send('Page.getAppManifest');
    expect(manifest.errors).toEqual([]);
    expect(manifest.url).toBe(`${url}/manifest.webmanifest`);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    /* Each test's context is a private window, in which nothing can be installed. */
    expect(installabilityErrors.map((error) => error.errorId)).toEqual(['in-incognito']);
    const { icons } = JSON.parse(manifest.data ?? '') as { icons: { src: string; type: string }[] };
    for (const { src, type } of [...icons, { src: '/apple-touch-icon.png', type: 'image/png' }]) {
      const response = await fetch(url + src);
      expect(response.status, src).toBe(200);
      expect(response.headers.get('content-type'), src).toContain(type);
    }
    expect(errors).toEqual([]);
  });

  test('from the cameras through a day into the player, every step by a click', async () => {
    const { page, errors } = await openPage(browser, `${url}/`);
    await page.waitForSelector('li a img');
    expect(await page.locator('li a').count()).toBe(2);
    expect(await accessibility(page)).toEqual([]);
    await page.getByRole('link', { name: 'Cameras', exact: true }).click();
    await page.waitForSelector('article img');
    expect(await page.locator('article').count()).toBe(2);
    expect(await accessibility(page)).toEqual([]);
    await page.locator('article a.picture').first().click();
    await page.waitForSelector('li a img');
    expect(page.url()).toContain('/day/2014-05-23?camera=');
    const camera = new URL(page.url()).searchParams.get('camera') ?? '';
    const { total, events } = await ask('/api/v1/events', `?camera=${camera}&limit=1000`);
    expect(await page.locator('.summary p').first().innerText()).toContain(String(total));
    expect(await accessibility(page)).toEqual([]);
    await page.locator('li a').first().click();
    await until(
      () => drawn(page),
      (n) => n >= 2,
    );
    await page.keyboard.press('k');
    const first = events[0];
    if (!first) throw new Error('no event');
    const range = `?camera=${camera}&from=${first.start}&to=${first.end}`;
    const index = await ask('/api/v1/playback/index', range);
    expect(index.count).toBe(first.frames);
    for (const frame of [0, Math.floor(index.count / 2), index.count - 1]) {
      await page.keyboard.press('Home');
      for (let i = 0; i < frame; i++) await page.keyboard.press('ArrowRight');
      await until(
        () => drawn(page),
        (n) => n === frame,
      );
      expect(await difference(page, index.frames[frame]?.id ?? '')).toBeLessThan(1);
    }
    await shot(page, 'real-play');
    await page.keyboard.press('n');
    await page.getByText('Event 2 of').waitFor();
    await page.goBack();
    await page.waitForSelector('li a img');
    expect(errors).toEqual([]);
  });

  test('another dwell gives other events, as the server counts them', async () => {
    const { cameras } = await ask('/api/v1/cameras');
    const camera = cameras[0]?.name ?? '';
    const { page } = await openPage(browser, `${url}/day/2014-05-23?camera=${camera}`);
    const said = () => page.locator('.summary p').first().innerText();
    for (const dwell of ['1', '30', '300']) {
      await page.getByLabel('Gap').selectOption(dwell);
      const { total } = await ask('/api/v1/events', `?camera=${camera}&dwell=${dwell}`);
      await until(said, (text) => parseInt(text) === total);
    }
  });

  test('pictures that arrive while the page is open appear on it', async () => {
    const { page, errors } = await openPage(browser, `${url}/cameras`);
    await page.waitForSelector('article img');
    const before = await page.locator('article').first().innerText();
    simulate(
      '--cameras',
      '1',
      '--start',
      new Date().toISOString(),
      '--seconds',
      '120',
      '--activity',
      '600',
    );
    await until(
      () => page.locator('article').first().innerText(),
      (text) => text.includes('Live'),
    );
    expect(await page.locator('article').first().innerText()).not.toBe(before);
    await page.locator('article a.picture').first().click();
    await page.waitForSelector('li a img');
    expect(errors).toEqual([]);
  });

  test('what is marked in one tab is marked in the other; only what may be deleted goes', async () => {
    const one = await openPage(browser, `${url}/events?reviewed=false`);
    const other = await openPage(browser, `${url}/events?reviewed=false`);
    const total = (page: Page) =>
      page
        .locator('.summary p')
        .first()
        .innerText()
        .then((text) => parseInt(text.replace(',', '')));
    const left = async (query: string) => (await ask('/api/v1/events', query)).total;
    const before = await left('?reviewed=false');
    await until(
      () => total(one.page),
      (n) => n === before,
    );
    await until(
      () => total(other.page),
      (n) => n === before,
    );
    await one.page.locator('li a').first().focus();
    await one.page.keyboard.press('Space');
    await one.page.getByRole('button', { name: 'Mark reviewed' }).click();
    for (const { page } of [one, other]) {
      await until(
        () => total(page),
        (n) => n === before - 1,
      );
    }
    expect(await left('?reviewed=true')).toBe(1);
    await one.page.getByRole('button', { name: 'Undo' }).click();
    await until(
      () => total(other.page),
      (n) => n === before,
    );
    await other.page.locator('li a').first().focus();
    await other.page.keyboard.press('Space');
    await other.page.getByRole('button', { name: 'Delete' }).click();
    await other.page.getByText('Nothing was deleted').waitFor();
    await other.page.getByText('cctvweb does not manage their folder').waitFor();
    await until(
      () => total(other.page),
      (n) => n === before,
    );
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  test('the program stops and starts: the page says so and goes on', async () => {
    const { page } = await openPage(browser, `${url}/cameras`);
    await page.waitForSelector('article img');
    await page.getByText('Live', { exact: true }).first().waitFor();
    server.kill();
    await page.getByText('The server does not answer').waitFor();
    const args = ['serve', '--data', join(folder, 'data'), '--listen', url.slice('http://'.length)];
    server = spawn(program, [...args, '--zone', ZONE, pictures], { stdio: 'ignore' });
    await until(
      () => page.getByText('The server does not answer').count(),
      (n) => n === 0,
      20_000,
    );
  });
});
