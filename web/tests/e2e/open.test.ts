/* From a cover to its first picture: shown before the player is made, in the player's place. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { shot, stage, until, type Stage } from './harness.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
const DAY = '/day/2014-05-23?camera=courtyard';
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    const bursts = Array.from({ length: 12 }, (_, i) => ({
      start: T + i * 60_000,
      frames: 30,
      windows: [1],
    }));
    world.cameras = [{ name: 'courtyard', timezone: 'America/Chicago', bursts }];
  });
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const first = (event: number) => `/api/v1/frames/1-${T + event * 60_000}-0.jpg`;
const cover = (page: Page, n: number) => page.locator('li[data-cell] a').nth(n);
const asked = () => it.server.requests('.jpg').filter((url) => !url.includes('width='));

/* What is seen in the middle of the page, each time the browser makes a frame. */
function watch(): void {
  const seen: string[] = [];
  Object.assign(globalThis, { seen });
  const look = () => {
    const element = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    const canvas = element instanceof HTMLCanvasElement && element.dataset['camera'];
    const what = canvas
      ? element.width > 4
        ? 'player'
        : 'blank'
      : element?.closest('.curtain img')
        ? 'curtain'
        : element?.closest('.player')
          ? 'blank'
          : 'page';
    if (seen.at(-1) !== what) seen.push(what);
    requestAnimationFrame(look);
  };
  look();
}
const seen = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);

/* The day, with the player's code loaded. */
async function openDay(options?: BrowserContextOptions) {
  const opened = await it.open(DAY, options);
  await opened.page.waitForFunction(() => {
    const covers = [...document.querySelectorAll<HTMLImageElement>('li[data-cell] a img')];
    return covers.length > 5 && covers.every((one) => one.complete);
  });
  await opened.page.waitForTimeout(700);
  await opened.page.evaluate(watch);
  return opened;
}

async function playing(page: Page, event: number) {
  await until(
    () => page.locator('canvas[data-camera]').getAttribute('data-frame', { timeout: 3000 }),
    (frame) => Number(frame) >= 1,
  );
  expect(page.url()).toContain(new Date(T + event * 60_000).toISOString().slice(0, 17));
}

test('the picture stands in until the player has it: nothing blank between, one step back', async () => {
  const { page, errors } = await openDay();
  const before = await page.evaluate(() => history.length);
  await cover(page, 2).evaluate((link: HTMLElement) => link.click());
  await playing(page, 2);
  expect(await seen(page)).toEqual(['page', 'curtain', 'player']);
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  expect(await page.locator('.curtain').count()).toBe(0);
  expect(asked()).toEqual([first(2)]);
  await page.goBack();
  await page.waitForSelector('li[data-cell] a');
  expect(page.url()).toContain(DAY);
  expect(await page.locator('.curtain').count()).toBe(0);
  expect(errors).toEqual([]);
});

test('who rests on a cover or presses it has asked for its picture; who leaves has not', async () => {
  const { page } = await openDay();
  await cover(page, 1).hover();
  await until(asked, (urls) => urls.includes(first(1)));
  await page.mouse.down();
  await page.mouse.up();
  await playing(page, 1);
  expect(asked()).toEqual([first(1)]);
  await page.goBack();
  await cover(page, 4).hover();
  await page.mouse.move(5, 5);
  await page.waitForTimeout(300);
  expect(asked()).not.toContain(first(4));
  await cover(page, 3).focus();
  await until(asked, (urls) => urls.includes(first(3)));
});

test('a picture that takes its time keeps nobody on the page', async () => {
  const { page } = await openDay();
  let held: Route | undefined;
  await page.route(`**${first(5)}`, (route) => {
    held = route;
  });
  await cover(page, 5).click();
  await page.waitForSelector('.player');
  await playing(page, 5);
  expect(await seen(page)).not.toContain('curtain');
  await held?.continue();
  await page.waitForTimeout(200);
  expect(await page.locator('.curtain').count()).toBe(0);
});

test('a picture that is not to be had keeps nobody either', async () => {
  const { page } = await openDay();
  await page.route(`**${first(5)}`, (route) => route.fulfill({ status: 404 }));
  await cover(page, 5).click();
  await playing(page, 5);
  expect(await seen(page)).not.toContain('curtain');
});

test('clicked twice it is opened once; one can go elsewhere while the picture is awaited', async () => {
  const { page } = await openDay();
  const before = await page.evaluate(() => history.length);
  await cover(page, 2).dblclick();
  await playing(page, 2);
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  await page.goBack();
  await page.waitForSelector('li[data-cell] a img');
  await page.route(`**${first(6)}`, (route) => setTimeout(() => void route.continue(), 60));
  await cover(page, 6).evaluate((link: HTMLElement) => {
    link.click();
    document.querySelector<HTMLElement>('nav a[href="/cameras"]')?.click();
  });
  await page.waitForTimeout(600);
  expect(new URL(page.url()).pathname).toBe('/cameras');
  expect(await page.locator('.player, .curtain').count()).toBe(0);
});

test('without the player the picture does not stay for ever', async () => {
  const { page } = await it.open(DAY);
  await page.route('**/Play-*.js', () => undefined);
  await page.reload();
  await page.waitForSelector('li[data-cell] a img');
  await cover(page, 2).click();
  await page.waitForSelector('.curtain img');
  await page.goBack();
  await page.waitForSelector('.curtain', { state: 'detached' });
});

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
  ['side', { width: 740, height: 360 }],
] as const) {
  test(`the picture does not move when the player takes over, ${name}`, async () => {
    const { page } = await openDay({ viewport, colorScheme: 'dark' });
    await page.evaluate(() => {
      new MutationObserver((_, self) => {
        const image = document.querySelector('.curtain img');
        if (!image) return;
        self.disconnect();
        const { x, y, width, height } = image.getBoundingClientRect();
        Object.assign(globalThis, { place: { x, y, width, height } });
      }).observe(document.body, { childList: true, subtree: true });
    });
    await cover(page, 0).evaluate((link: HTMLElement) => link.click());
    await page.waitForSelector('.controls');
    await playing(page, 0);
    await shot(page, `open-${name}`);
    const place = await page.evaluate(
      () => (globalThis as unknown as { place: DOMRect | undefined }).place,
    );
    const canvas = await page.locator('canvas[data-camera]').boundingBox();
    for (const side of ['x', 'y', 'width', 'height'] as const) {
      expect(Math.abs((place?.[side] ?? -99) - (canvas?.[side] ?? 0)), side).toBeLessThanOrEqual(
        1.5,
      );
    }
  });
}
