/*
 * A camera is added and looked after, as a person would: on the built program, with a camera that
 * speaks FTP. CCTVWEB names the program; without one that runs, these tests are skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Camera } from '../../src/api/types.ts';
import { upload } from './ftp.ts';
import { accessibility, launch, openPage, shot, until } from './harness.ts';
import { paintPictures } from './pictures.ts';

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

describe.runIf(runs)('cameras on the built program', () => {
  let browser: Browser;
  let server: ChildProcess;
  let url = '';
  let ftp = 0;
  let folder = '';
  let picture: Buffer;

  async function api<T = Camera>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.headers = { 'Content-Type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const response = await fetch(`${url}/api/v1${path}`, init);
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** A camera of an IQeye's kind, which says what moved, uploads for some seconds. */
  async function simulate(user: string, password: string, seconds = 20): Promise<void> {
    const args = ['simulate', '--to', `ftp://${user}@127.0.0.1:${ftp}/`, '--cameras', '1'];
    const how = ['--seconds', String(seconds), '--speed', '0', '--activity', '900', '--fps', '3'];
    const env = { ...process.env, CCTVWEB_FTP_PASSWORD: password };
    const camera = spawn(
      program,
      [...args, ...how, '--size', '320x256', '--start', startOf(seconds)],
      { env },
    );
    await new Promise((done) => camera.on('close', done));
  }
  const startOf = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

  interface Access {
    camera: Camera;
    upload: { user: string; password: string };
  }
  const add = (name: string, more = {}) => api<Access>('POST', '/cameras', { name, ...more });

  beforeAll(async () => {
    browser = await launch();
    const painted = await paintPictures(browser);
    picture = painted[5] as Buffer;
    folder = mkdtempSync(join(tmpdir(), 'cctvweb-add-'));
    ftp = await freePort();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const args = ['serve', '--data', join(folder, 'data'), '--listen', `127.0.0.1:${port}`];
    server = spawn(program, [...args, '--ftp', `127.0.0.1:${ftp}`], { stdio: 'ignore' });
    await until(
      () =>
        fetch(`${url}/api/v1/cameras`).then(
          () => true,
          () => false,
        ),
      (ready) => ready,
      15_000,
    );
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  const told = (page: Page, label: string) =>
    page.locator('dialog dl div', { hasText: label }).locator('code').first().innerText();

  test('the wizard: what to type in, why it does not work, and the first picture', async () => {
    const { page, errors } = await openPage(browser, `${url}/cameras`, {
      timezoneId: 'Europe/Berlin',
    });
    await page.getByRole('button', { name: 'Add a camera' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').waitFor();
    expect(await dialog.getByLabel('Time zone').inputValue()).toBe('Europe/Berlin');
    expect(await accessibility(page)).toEqual([]);
    /* Keys alone: the name has the focus. */
    await page.keyboard.type('front/door');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('alert').innerText()).toContain('cannot be the name');
    await dialog.getByLabel('Name').fill('front door');
    await dialog.getByLabel('Time zone').fill('Nowhere');
    await dialog.getByText('There is no such zone').waitFor();
    await dialog.getByLabel('Time zone').fill('America/Chicago');
    await page.keyboard.press('Enter');
    await dialog.getByText('Waiting for the first picture').waitFor();
    const user = await told(page, 'User');
    const password = await told(page, 'Password');
    expect([user, await told(page, 'Server'), await told(page, 'Port')]).toEqual([
      'front-door',
      '127.0.0.1',
      String(ftp),
    ]);
    expect(await dialog.innerText()).toContain('no camera can reach it');
    await dialog.getByLabel('Hints for').selectOption('Dahua, Amcrest, Lorex');
    expect(await dialog.innerText()).toContain('Storage, Destination, FTP');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibility(page)).toEqual([]);
      await shot(page, `add-camera-${colorScheme}`);
    }
    const send = (given: string, path: string, bytes: Buffer) =>
      upload({ port: ftp, user, password: given, path, bytes });
    expect(await send('wrong', 'a.jpg', picture)).toMatch(/^530/);
    await dialog.getByText('its user or password is wrong').waitFor();
    expect(await send(password, 'half.jpg', picture.subarray(0, picture.length - 500))).toMatch(
      /^226/,
    );
    await dialog.getByText('no whole picture').waitFor();
    expect(await dialog.innerText()).toContain('half.jpg');
    /* A path that tells the camera's local time, three minutes late. */
    const at = new Date(Date.now() - 180_000);
    const local = at.toLocaleString('sv-SE', { timeZone: 'America/Chicago' });
    const path = `${local.slice(0, 10)}/${local.slice(11).replaceAll(':', '_')}.jpg`;
    expect(await send(password, path, picture)).toMatch(/^226/);
    await dialog.getByText('The first picture is here').waitFor();
    await dialog.locator('img').waitFor();
    const text = await dialog.innerText();
    expect(text).toContain(local.slice(11));
    expect(text).toContain('the folders');
    expect(text).toContain('The clock is 3 min behind');
    expect(await accessibility(page)).toEqual([]);
    await shot(page, 'add-camera-first');
    await dialog.getByRole('button', { name: 'Open its page' }).click();
    await page.getByRole('heading', { name: 'front door' }).waitFor();
    expect(page.url()).toBe(`${url}/cameras/front%20door`);
    await page.getByText('the picture has no end (1)').waitFor();
    await page.getByText('The clock is 3 min behind').waitFor();
    expect(errors.filter((error) => !error.includes('400'))).toEqual([]);
  });

  test('settings: a template with its preview, a rename that a second page follows', async () => {
    const made = await add('yard', { timezone: 'UTC' });
    const { user, password } = made.upload;
    for (let n = 10; n < 14; n++) {
      const path = `cam-a/2024-06-01/${n}/${n}_30_00.trig+00.jpg`;
      expect(await upload({ port: ftp, user, password, path, bytes: picture })).toMatch(/^226/);
    }
    const { page, errors } = await openPage(browser, `${url}/cameras/yard`);
    const second = await openPage(browser, `${url}/cameras`);
    await second.page.getByRole('link', { name: 'yard', exact: true }).waitFor();
    const preview = page.locator('.preview');
    await preview.getByText('Sat 1 Jun 2024, 13:30:00').waitFor();
    const template = page.getByLabel('Path template');
    await template.fill('$SN/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN');
    await preview.getByText('4 of 4 paths fit').waitFor();
    expect(await preview.locator('li').first().locator('mark').allInnerTexts()).toEqual([
      'cam-a',
      '2024',
      '06',
      '01',
      '13',
      '13',
      '30',
      '00',
      'trig+00.jpg',
    ]);
    await template.fill('$SN/$SD(%Y)_$SD(%m)/$SD(%H)/$ST.$FN');
    await preview.getByText('0 of 4 paths fit').waitFor();
    expect(await preview.locator('li').first().innerText()).toContain('wanted is');
    await shot(page, 'camera-template');
    await template.fill('$SD(%Q)');
    await page.getByText('a letter after % that is not understood').waitFor();
    await template.fill('$SN/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN');
    await page.getByLabel('Name', { exact: true }).first().fill('back yard');
    await page.getByLabel('New event after').fill('2.5');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText('back yard: saved').waitFor();
    expect(page.url()).toBe(`${url}/cameras/back%20yard`);
    const saved = await api('GET', '/cameras/back%20yard');
    expect([saved.dwell, saved.template, saved.frames]).toEqual([
      2.5,
      '$SN/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)/$ST.$FN',
      4,
    ]);
    await second.page.getByRole('link', { name: 'back yard', exact: true }).waitFor();
    expect(await second.page.getByRole('link', { name: 'yard', exact: true }).count()).toBe(0);
    /* What another page changes shows here. */
    await api('PATCH', '/cameras/back%20yard', { dwell: 7 });
    await until(
      () => page.getByLabel('New event after').inputValue(),
      (value) => value === '7',
    );
    await page.getByLabel('Name', { exact: true }).first().fill('front door');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByRole('alert').getByText('there is already a camera').waitFor();
    expect(errors.filter((error) => !/40[0-9]/.test(error))).toEqual([]);
  });

  test('motion windows by mouse, touch and keys; then they are seen on pictures', async () => {
    const { upload: access } = await add('gate');
    await simulate(access.user, access.password);
    const { page, errors } = await openPage(browser, `${url}/cameras/gate`);
    const windows = page.getByRole('region', { name: 'Motion windows' });
    const stage = windows.locator('.stage');
    await stage.scrollIntoViewIfNeeded();
    await stage.locator('img').waitFor();
    const area = (await stage.boundingBox())!;
    const at = (x: number, y: number) =>
      [area.x + x * area.width, area.y + y * area.height] as const;
    await page.mouse.move(...at(0.1, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.6), { steps: 4 });
    await page.mouse.up();
    const box = windows.getByRole('button', { name: /^Window 1/ });
    expect(await box.getAttribute('aria-label')).toBe(
      'Window 1: 10 % from the left, 20 % from the top, 40 % wide, 40 % high',
    );
    /* Dragged, then pulled by its corner. */
    await page.mouse.move(...at(0.3, 0.4));
    await page.mouse.down();
    await page.mouse.move(...at(0.4, 0.5), { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(...at(0.6, 0.7));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.8), { steps: 4 });
    await page.mouse.up();
    expect(await box.getAttribute('aria-label')).toContain(
      '20 % from the left, 30 % from the top, 50 % wide, 50 % high',
    );
    /* Keys: move, size, a small step. */
    await box.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    expect(await box.getAttribute('aria-label')).toContain(
      '21 % from the left, 30 % from the top, 50 % wide, 52 % high',
    );
    /* A click on the picture is no window; the button makes one, which Delete removes. */
    await page.mouse.click(...at(0.9, 0.05));
    expect(await stage.locator('.box').count()).toBe(1);
    await windows.getByRole('button', { name: 'Add a window' }).click();
    expect(await stage.locator('.box').count()).toBe(2);
    await windows.getByLabel('Number').nth(1).fill('1');
    await windows.getByRole('alert').getByText('Two windows have the number 1').waitFor();
    expect(await windows.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await stage.locator('.box').nth(1).focus();
    await page.keyboard.press('Delete');
    expect(await stage.locator('.box').count()).toBe(1);
    await windows.getByLabel('Name 1').fill('the gate');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibility(page)).toEqual([]);
      await windows.scrollIntoViewIfNeeded();
      await shot(page, `camera-windows-${colorScheme}`);
    }
    await windows.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Motion windows: saved').waitFor();
    const [kept] = (await api('GET', '/cameras/gate')).windows;
    expect([kept?.window, kept?.name]).toEqual([1, 'the gate']);
    for (const [value, wanted] of [
      [kept?.x, 0.21],
      [kept?.y, 0.3],
      [kept?.width, 0.5],
      [kept?.height, 0.52],
    ] as const) {
      expect(value).toBeCloseTo(wanted, 2);
    }
    /* All eight, so that whatever fired is somewhere. */
    const eight = Array.from({ length: 8 }, (_, i) => ({
      window: i + 1,
      x: i / 10,
      y: 0.1,
      width: 0.1,
      height: 0.5,
    }));
    await api('PATCH', '/cameras/gate', { windows: eight });
    await until(
      () => stage.locator('.box').count(),
      (n) => n === 8,
    );
    await page.goto(`${url}/events?camera=gate`);
    await page.waitForSelector('li a [data-window]');
    await shot(page, 'events-windows');
    const moved = await api<{ frames: { time: string; windows: number[] }[] }>(
      'GET',
      '/frames?camera=gate&limit=1000',
    );
    const fired = moved.frames.find((frame) => frame.windows.length > 0);
    await page.goto(`${url}/play?camera=gate&at=${fired?.time}`);
    await page.waitForSelector('canvas');
    await page.waitForSelector('[data-window]', { state: 'attached' });
    expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
  });

  test('disabled and enabled, another password, and its end', async () => {
    const made = await add('shed');
    const { user, password } = made.upload;
    const { page } = await openPage(browser, `${url}/cameras/shed`);
    const send = (given: string) =>
      upload({ port: ftp, user, password: given, path: 'a.jpg', bytes: picture });
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('shed is disabled').waitFor();
    expect(await send(password)).toMatch(/^530/);
    await page.getByRole('button', { name: 'Enable' }).last().click();
    await page.locator('.mark.off').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Make a new password' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make a new password' }).click();
    await page.getByText('The password is shown only now').waitFor();
    const fresh = await page.locator('code.secret').innerText();
    expect(fresh).not.toBe(password);
    expect(await send(password)).toMatch(/^530/);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('shed was removed').waitFor();
    expect(page.url()).toBe(`${url}/cameras`);
    await expect(api('GET', '/cameras/shed')).rejects.toThrow('404');
  });

  test('on a phone, in both themes: nothing is wider than the screen', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
      const { page } = await openPage(browser, `${url}/cameras/gate`, { ...phone, colorScheme });
      await page.locator('.stage img').waitFor();
      await page.locator('.preview li').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await accessibility(page)).toEqual([]);
      await shot(page, `camera-phone-${colorScheme}`);
      await page.locator('.stage').scrollIntoViewIfNeeded();
      await page.locator('.stage .box').nth(7).tap();
      await shot(page, `camera-phone-windows-${colorScheme}`);
    }
  });
});
