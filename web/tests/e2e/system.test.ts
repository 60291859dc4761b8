/*
 * The System page on the built program: what is deleted, brought back, removed; in two tabs.
 * Skipped when there is no program that runs.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Deletion, System } from '../../src/api/types.ts';
import { accessibility, launch, openPage, shot, until } from './harness.ts';

const built = fileURLToPath(new URL('../../../build/cctvweb', import.meta.url));
const program = process.env['CCTVWEB'] ?? built;
const runs = spawnSync(program, ['--help']).status === 0;

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

describe.runIf(runs)('the System page', () => {
  let browser: Browser;
  let server: ChildProcess;
  let url = '';
  let folder = '';
  let pictures = '';

  function filesThere(folder = pictures): number {
    return readdirSync(folder, { withFileTypes: true })
      .map((entry) =>
        entry.isDirectory()
          ? filesThere(join(folder, entry.name))
          : +/\.jpg(\.\d+)?$/.test(entry.name),
      )
      .reduce((sum, n) => sum + n, 0);
  }

  async function ask<T>(path: string, method = 'GET', body?: object): Promise<T> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: body ? { 'Content-Type': 'application/json' } : {},
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  }
  const frames = async () => (await ask<System>('/system')).pictures.frames;

  /** Deletes the first seconds of a camera. */
  async function remove(seconds: number, from = 0): Promise<{ undo: string; deleted: number }> {
    const { cameras } = await ask<{ cameras: { name: string; first: string | null }[] }>(
      '/cameras',
    );
    const camera = cameras.find(({ first }) => first !== null);
    const start = Date.parse(camera?.first ?? '') + from * 1000;
    return ask('/deletions', 'POST', {
      stretches: [{ camera: camera?.name, from: start, to: start + seconds * 1000 }],
    });
  }
  const open = (options?: BrowserContextOptions) => openPage(browser, `${url}/system`, options);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cctvweb-system-'));
    pictures = join(folder, 'pictures');
    const simulation = ['simulate', '--to', pictures, '--cameras', '2', '--size', '320x256'];
    const done = spawnSync(
      program,
      [...simulation, '--start', '2014-05-23T14:00:00Z', '--seconds', '300', '--activity', '60'],
      {
        encoding: 'utf8',
      },
    );
    if (done.status !== 0) throw new Error(done.stderr);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const args = ['serve', '--data', join(folder, 'data'), '--listen', `127.0.0.1:${port}`];
    server = spawn(program, [...args, '--ftp', 'off', '--manage', pictures, pictures], {
      stdio: 'ignore',
    });
    await until(
      () => frames().catch(() => 0),
      (n) => n > 100,
      30_000,
    );
    await until(
      async () => (await ask<System>('/system')).scans.length,
      (n) => n === 0,
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
    for (const { id } of (await ask<{ deletions: Deletion[] }>('/deletions')).deletions) {
      await ask(`/deletions/${id}/undo`, 'POST').catch(() => null);
    }
  });

  test('says how the disk is used and what comes in, and is reached from everywhere', async () => {
    const { page, errors } = await openPage(browser, `${url}/`);
    await page.getByRole('link', { name: 'System', exact: true }).click();
    await page.getByRole('heading', { name: 'System' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/system');
    expect(await page.title()).toBe('System · cctvweb');
    const main = page.locator('main');
    await main.getByText('free of').waitFor();
    const text = await main.innerText();
    expect(text).toContain(pictures);
    expect(text).toContain('may be deleted from');
    expect(text).toContain('of 2 cameras');
    expect(text).toContain(
      'Nothing is waiting to be removed. What you delete can come back for 24',
    );
    expect(errors).toEqual([]);
  });

  test('what is deleted elsewhere appears, and is brought back with the keyboard', async () => {
    const before = await frames();
    const { page, errors } = await open();
    const other = await open();
    await page.getByText('Nothing is waiting').waitFor();
    const { deleted } = await remove(30);
    expect(deleted).toBeGreaterThan(0);
    const row = page.locator('#deleted').locator('xpath=ancestor::section').locator('li');
    await row.waitFor();
    expect(await row.innerText()).toContain('Removed for good in 23 hours');
    await page.getByRole('button', { name: /^Bring back/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('back', { exact: false }).first().waitFor();
    await page.getByText('Nothing is waiting').waitFor();
    await other.page.getByText('Nothing is waiting').waitFor();
    expect(await frames()).toBe(before);
    expect([...errors, ...other.errors]).toEqual([]);
  });

  test('is removed for good only after it was asked once more', async () => {
    const before = await frames();
    const there = filesThere();
    const { page, errors } = await open();
    const { deleted } = await remove(20);
    const button = page.getByRole('button', { name: /^Remove now:/ });
    await button.click();
    const dialog = page.getByRole('dialog', { name: 'Remove these pictures for good?' });
    expect(await accessibility(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await button.evaluate((node) => node === document.activeElement)).toBe(true);
    expect((await ask<System>('/system')).deletions.total).toBe(1);
    await button.click();
    await shot(page, 'system-confirm');
    await dialog.getByRole('button', { name: 'Remove now' }).click();
    await page.getByText('Nothing is waiting').waitFor();
    expect(filesThere()).toBe(there - deleted);
    expect(await frames()).toBe(before - deleted);
    expect(errors).toEqual([]);
  });

  test('somebody else was quicker: it says so', async () => {
    const { page } = await open();
    const { undo } = await remove(20);
    const button = page.getByRole('button', { name: /^Bring back/ });
    await button.waitFor();
    /* The page hears nothing of it before the click. */
    await page.route('**/api/v1/deletions?*', (route) => route.abort());
    await ask(`/deletions/${undo}/undo`, 'POST');
    await button.click();
    await page.getByText('They could not be brought back').waitFor();
  });

  test('looks right on a phone and in both themes, and is fit for all', async () => {
    await remove(30);
    await remove(90, 40);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, viewport] of [
        ['desktop', { width: 1280, height: 800 }],
        ['phone', { width: 360, height: 780 }],
      ] as const) {
        const { page, errors } = await open({ viewport, colorScheme });
        await page
          .getByRole('button', { name: /^Bring back/ })
          .first()
          .waitFor();
        expect(await accessibility(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
        await shot(page, `system-${name}-${colorScheme}`);
        expect(errors).toEqual([]);
      }
    }
  });
});
