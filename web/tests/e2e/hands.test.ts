/* The player in the hand, on a slow line, with strange cameras, and with boxes on the picture. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, pictureShown, shot, stage, until, type Stage } from './harness.ts';
import { STEP } from './world.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
const HOUR = 3_600_000;
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      {
        name: 'courtyard',
        timezone: 'America/Chicago',
        bursts: [
          { start: T, frames: 60, windows: [2, 5] },
          { start: T + 60_000, frames: 30, windows: [2] },
        ],
        areas: [
          { window: 2, name: 'door', x: 0.25, y: 0.25, width: 0.25, height: 0.5 },
          { window: 5, name: 'path', x: 0.6, y: 0.5, width: 0.3, height: 0.4 },
        ],
      },
      {
        name: 'meadow',
        timezone: 'Europe/Berlin',
        bursts: Array.from({ length: 30 }, (_, i) => ({
          start: T + i * HOUR,
          frames: 1,
          windows: [],
        })),
      },
      {
        name: 'gate',
        timezone: 'America/Chicago',
        bursts: [{ start: T, frames: 900, windows: [1], step: 33 }],
      },
    ];
  });
});
afterAll(() => it.close());
afterEach(async () => {
  it.server.streamDelay = 0;
  for (const context of it.browser.contexts()) await context.close();
});

const drawn = async (page: Page) =>
  Number(await page.locator('canvas').first().getAttribute('data-frame', { timeout: 3000 }));
const overlay = (page: Page) => page.getByTestId('overlay').innerText({ timeout: 3000 });
const url = (camera: string, ms: number, more = '') =>
  `/play?camera=${camera}&at=${new Date(T + ms).toISOString()}${more}`;
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function touch(page: Page) {
  const session = await page.context().newCDPSession(page);
  const box = await page.locator('.stage').boundingBox();
  if (!box) throw new Error('no stage');
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y = middle.y) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x, y, id: 1 }],
    });
  return { box, middle, send };
}

test('in one hand: a tap hides and shows the controls, a drag scrubs, nothing scrolls away', async () => {
  const { page } = await it.open(url('courtyard', 30 * STEP), phone);
  await until(
    () => drawn(page),
    (n) => n === 30,
  );
  const { box, middle, send } = await touch(page);
  await send('touchStart', middle.x);
  await send('touchEnd', middle.x);
  await until(
    () => page.getByRole('group', { name: 'Player controls' }).count(),
    (n) => n === 0,
  );
  expect(await drawn(page)).toBe(30);
  await shot(page, 'play-phone-bare');
  await send('touchStart', middle.x);
  await send('touchEnd', middle.x);
  await page.getByRole('group', { name: 'Player controls' }).waitFor();
  await send('touchStart', middle.x);
  for (let x = 0; x <= 10; x++) await send('touchMove', middle.x - (x * box.width) / 40);
  await send('touchEnd', middle.x);
  await until(
    () => drawn(page),
    (n) => n >= 13 && n <= 17,
  );
  expect(await page.evaluate(() => scrollY)).toBe(0);
  /* every control can be hit with a thumb */
  const small = await page
    .getByRole('group', { name: 'Player controls' })
    .getByRole('button')
    .evaluateAll(
      (all) =>
        all
          .map((one) => one.getBoundingClientRect())
          .filter((one) => one.width < 24 || one.height < 44 || one.right > innerWidth).length,
    );
  expect(small).toBe(0);
  await shot(page, 'play-phone');
  expect(await accessibility(page)).toEqual([]);
});

test('on a slow line: the first picture early, never blank while scrubbing', async () => {
  const { page } = await it.open('/day/2014-05-23?camera=courtyard');
  await page.waitForSelector('li a img');
  await page.waitForTimeout(800);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 300,
    downloadThroughput: 100_000,
    uploadThroughput: 50_000,
  });
  it.server.streamDelay = 150;
  const began = Date.now();
  await page.locator('li a').first().click();
  await page.waitForSelector('canvas');
  await until(
    () => pictureShown(page).catch(() => -1),
    (n) => n >= 0,
  );
  /* two round trips would be 600 ms already */
  expect(Date.now() - began).toBeLessThan(1800);
  await page.evaluate(() => {
    const seen = { looks: 0, blank: 0 };
    Object.assign(globalThis, { seen });
    const look = () => {
      const canvas = document.querySelector('canvas');
      const pixel = canvas?.getContext('2d')?.getImageData(300, 60, 1, 1).data;
      seen.looks++;
      if (!pixel || (pixel[0] ?? 0) + (pixel[1] ?? 0) + (pixel[2] ?? 0) < 60) seen.blank++;
      requestAnimationFrame(look);
    };
    look();
  });
  await until(
    () => overlay(page),
    (text) => text.includes('/ 60'),
  );
  const bar = await page.getByRole('slider', { name: 'Position' }).boundingBox();
  if (!bar) throw new Error('no bar');
  await page.mouse.move(bar.x, bar.y + 10);
  await page.mouse.down();
  for (const part of [1, 0.3, 0.8]) {
    await page.mouse.move(bar.x + bar.width * part, bar.y + 10, { steps: 15 });
    await page.waitForTimeout(150);
  }
  await page.mouse.up();
  const seen = await page.evaluate(
    () => (globalThis as unknown as { seen: { looks: number; blank: number } }).seen,
  );
  expect(seen.looks).toBeGreaterThan(10);
  expect(seen.blank).toBe(0);
  await until(
    () => drawn(page),
    (n) => n >= 45 && n <= 49,
  );
});

test('windows that fired are boxes on the picture, also closer; h hides them', async () => {
  const { page } = await it.open(url('courtyard', 30 * STEP));
  await until(
    () => page.locator('.lens [data-window]').count(),
    (n) => n === 2,
  );
  /* where they are on the screen, as part of the picture, which is 4:3 in the middle of the stage */
  const places = () =>
    page.evaluate(() => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement;
      const box = canvas.getBoundingClientRect();
      const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
      const left = box.x + (box.width - canvas.width * scale) / 2;
      const top = box.y + (box.height - canvas.height * scale) / 2;
      return [...document.querySelectorAll('.lens [data-window]')].map((rect) => {
        const at = rect.getBoundingClientRect();
        return [
          (at.x - left) / canvas.width / scale,
          (at.y - top) / canvas.height / scale,
          at.width / canvas.width / scale,
          at.height / canvas.height / scale,
        ].map((n) => Math.round(n * 50) / 50);
      });
    });
  const expected = [
    [0.26, 0.26, 0.24, 0.5],
    [0.6, 0.5, 0.3, 0.4],
  ];
  const near = (all: number[][]) =>
    all.every((one, i) => one.every((n, k) => Math.abs(n - (expected[i]?.[k] ?? 0)) <= 0.03));
  expect(near(await places()), JSON.stringify(await places())).toBe(true);
  await page.keyboard.press('z');
  await page.keyboard.press('Shift+ArrowRight');
  expect(near(await places()), JSON.stringify(await places())).toBe(true);
  await shot(page, 'play-boxes-closer');
  await page.keyboard.press('h');
  expect(await page.locator('.lens [data-window]').count()).toBe(0);
  await page.keyboard.press('h');
  await page.keyboard.press('End');
  await until(
    () => page.locator('.lens [data-window]').count(),
    (n) => n === 0,
  );
});

test('a camera with a frame an hour: each is an event, and a day of them plays', async () => {
  const { page, errors } = await it.open(url('meadow', 0));
  for (const hour of ['16:00:00', '17:00:00', '18:00:00']) {
    await until(
      () => overlay(page),
      (text) => text.includes(hour) && text.includes('1 / 1'),
    );
  }
  expect(await pictureShown(page)).toBeGreaterThanOrEqual(0);
  await page.goto(it.server.url + url('meadow', 0, '&dwell=86400'));
  await until(
    () => overlay(page),
    (text) => text.includes('/ 30'),
  );
  await page.keyboard.press('End');
  await until(
    () => drawn(page),
    (n) => n === 29,
  );
  await page.keyboard.press('j');
  await until(
    () => drawn(page),
    (n) => n <= 26,
  );
  expect(errors).toEqual([]);
});

test('thirty frames a second play in time, forwards and backwards at every speed', async () => {
  const { page } = await it.open(url('gate', 10 * 33));
  await until(
    () => drawn(page),
    (n) => n >= 0,
  );
  for (const [key, speed] of [
    ['l', 1],
    ['l', 10],
    ['j', 2],
    ['j', 0.5],
    ['j', 10],
    ['l', 0.1],
  ] as const) {
    await page.getByLabel('Speed').selectOption(String(speed));
    await page.keyboard.press(key === 'l' ? 'Home' : 'End');
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
    const began = Date.now();
    const from = await drawn(page);
    await page.waitForTimeout(speed === 10 ? 600 : 1200);
    const went = Math.abs((await drawn(page)) - from);
    const due = ((Date.now() - began) / 33) * speed;
    /* a busy machine may hold it up, nothing may hurry it */
    expect(went, `${key} ${speed}`).toBeLessThanOrEqual(due * 1.15 + 3);
    expect(went, `${key} ${speed}`).toBeGreaterThanOrEqual(Math.min(due, 30) * 0.3 - 1);
    await page.keyboard.press('k');
  }
});

test('who does not see it is told the event, and the frame when one has stopped', async () => {
  const { page } = await it.open(url('courtyard', 0));
  const said = () => page.getByTestId('announced').innerText();
  await until(said, (text) => text === '09:00:00, number 1 of 2');
  /* it plays: nothing is said of each frame */
  await until(
    () => drawn(page),
    (n) => n >= 10,
  );
  expect(await said()).toBe('09:00:00, number 1 of 2');
  await page.keyboard.press('Home');
  await page.keyboard.press('k');
  await page.keyboard.press('Home');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await until(said, (text) => text === '09:00:01, frame 6 of 60');
  await page.keyboard.press('n');
  await until(said, (text) => text.endsWith('number 2 of 2'));
});

test('in full screen dialogs and messages are seen', async () => {
  const { page } = await it.open(url('courtyard', 30 * STEP));
  await until(
    () => drawn(page),
    (n) => n === 30,
  );
  const before = await page.locator('.stage').boundingBox();
  await page.keyboard.press('f');
  await until(
    () => page.locator('.stage').boundingBox(),
    (box) => (box?.y ?? 99) === 0 && (box?.height ?? 0) > (before?.height ?? 0),
  );
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('frame by frame').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('f');
  await until(
    () => page.locator('.stage').boundingBox(),
    (box) => box?.y === before?.y,
  );
});

test('with several cameras of very different pace, each is at the time of the clock', async () => {
  const { page } = await it.open(
    `/play?camera=gate&camera=courtyard&camera=meadow&at=${new Date(T + 5000).toISOString()}`,
  );
  await until(
    async () =>
      page
        .locator('canvas')
        .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['frame']))),
    (all) => all.length === 3 && all[0] === Math.floor(5000 / 33) && all[1] === 25 && all[2] === 0,
  );
  await page.keyboard.press('l');
  await page.waitForTimeout(2000);
  await page.keyboard.press('k');
  const [gate = 0, courtyard = 0] = await until(
    async () =>
      page
        .locator('canvas')
        .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['frame']))),
    (all) => all.every((n) => n >= 0),
  );
  expect(Math.abs((gate * 33) / STEP - courtyard)).toBeLessThanOrEqual(1.5);
  await shot(page, 'together-pace');
});
