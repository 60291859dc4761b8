/* The live wall: newest frames by one connection, motion in front, and what to do without cameras. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, shot, stage, until, type Stage } from './harness.ts';

let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.server.away = false;
  const old = Date.now() - 3.1 * 86_400_000;
  it.world.cameras = ['attic', 'courtyard', 'gate', 'hall', 'new-one'].map((name, i) => ({
    name,
    timezone: 'America/Chicago',
    bursts:
      name === 'new-one'
        ? []
        : [
            {
              start: name === 'hall' ? old : Date.now() - i * 600_000 - 330_000,
              frames: 5,
              windows: [],
            },
          ],
  }));
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const names = (page: Page) => page.locator('li strong').allInnerTexts();
const inOrder = (page: Page, order: string) =>
  until(
    () => names(page),
    (list) => list.join(' ') === order,
  );

function frameOf(name: string, windows: number[], ms = Date.now()) {
  const camera = it.world.find(name);
  if (!camera) throw new Error('no camera');
  const frame = it.world.frame(camera, { start: ms, frames: 1, windows: [] }, 0);
  return { ...frame, windows, kinds: [windows.length > 0 ? 'motion' : 'none'] };
}

async function watching(path = '/', options = {}) {
  const opened = await it.open(path, options);
  await opened.page.waitForSelector('li a img');
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  return opened;
}

test('says of each camera how it is', async () => {
  const { page, errors } = await watching();
  await inOrder(page, 'attic courtyard gate hall new-one');
  const text = await page.locator('li').allInnerTexts();
  expect(text[0]).toContain('Last frame 5 minutes ago');
  expect(text[1]).toContain('Last frame 15 minutes ago');
  expect(text[3]).toContain('Silent, last frame 3 days ago');
  expect(text[4]).toContain('No pictures yet');
  expect(errors).toEqual([]);
});

test('motion comes to the front and grows; a frame without only changes its picture', async () => {
  const { page } = await watching();
  const still = frameOf('courtyard', []);
  it.server.emit('frame', still);
  await page.waitForSelector(`img[src*="${still.id}"]`);
  expect((await names(page))[0]).toBe('attic');
  const width = () =>
    page
      .locator('li', { hasText: 'gate' })
      .boundingBox()
      .then((box) => box?.width ?? 0);
  const small = await width();
  it.server.emit('frame', frameOf('gate', [4, 7]));
  await inOrder(page, 'gate attic courtyard hall new-one');
  await until(width, (w) => w > small * 1.9);
  const tile = page.locator('li').first();
  expect(await tile.locator('.badge').allInnerTexts()).toEqual(['4', '7']);
  expect(await tile.innerText()).toContain('Motion');
  await page.getByText('5 cameras, motion on 1').waitFor();
  await shot(page, 'wall-motion');
  expect(await accessibility(page)).toEqual([]);
  it.server.emit('frame', frameOf('hall', [1]));
  await inOrder(page, 'hall gate attic courtyard new-one');
  expect(it.server.requests('/api/v1/cameras')).toHaveLength(1);
  expect(it.server.requests('/api/v1/live')).toHaveLength(1);
});

test('when all have motion, a third of them grow', async () => {
  const { page } = await watching();
  for (const name of ['new-one', 'hall', 'gate', 'courtyard', 'attic']) {
    it.server.emit('frame', frameOf(name, [1]));
  }
  await page.getByText('5 cameras, motion on 5').waitFor();
  await page.waitForTimeout(400); /* they come to their places */
  const boxes = await page
    .locator('li')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  const small = Math.min(...boxes);
  expect(boxes.map((width) => width > small * 1.5)).toEqual([true, false, false, false, false]);
});

test('pictures that were not to be had are asked for again when the server is back', async () => {
  it.server.away = true;
  const { page } = await it.open('/');
  await until(
    () => page.getByText('Its picture cannot be shown').count(),
    (n) => n === 4,
  );
  it.server.away = false;
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await until(
    () => page.locator('li img').count(),
    (n) => n === 4,
  );
});

test('a page of a version that is no longer there says so', async () => {
  const { page } = await watching();
  await page.route('**/assets/Events-*.js', (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await page.getByText('This page could not be loaded').waitFor();
  await page.unroute('**/assets/Events-*.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Events' }).waitFor();
});

test('old frames that are catalogued now are no motion of now', async () => {
  const { page } = await watching();
  it.server.emit('frame', frameOf('gate', [4], Date.now() - 7_200_000));
  it.server.emit('frame', frameOf('courtyard', []));
  await until(
    () => page.locator('li', { hasText: 'courtyard' }).innerText(),
    (text) => text.includes('Live'),
  );
  expect((await names(page))[0]).toBe('attic');
});

test('a picture that is slow to come is not given up for the next', async () => {
  const { page } = await watching();
  let asked = 0;
  await page.route('**/frames/2-*', async (route) => {
    asked++;
    await new Promise((done) => setTimeout(done, 2500));
    await route.continue().catch(() => undefined);
  });
  const first = frameOf('courtyard', []);
  it.server.emit('frame', first);
  await until(
    () => asked,
    (n) => n === 1,
  );
  for (let i = 0; i < 3; i++) {
    await page.waitForTimeout(700);
    it.server.emit('frame', frameOf('courtyard', []));
  }
  expect(asked).toBe(1);
  await until(
    () => asked,
    (n) => n === 2,
  );
});

test('a tile opens the player at its newest frame, by keyboard too', async () => {
  const { page } = await watching();
  await page.locator('li a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('canvas[data-frame]');
  expect(page.url()).toContain('/play?camera=attic&at=');
});

test('without cameras it says what to do, and shows the first one that comes', async () => {
  const all = it.world.cameras;
  it.world.cameras = [];
  const { page } = await it.open('/');
  await page.getByText('No cameras yet').waitFor();
  expect(await page.locator('main').innerText()).toContain('cctvweb serve');
  it.world.cameras = all;
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  if (all[0]) it.server.emit('camera', it.world.camera(all[0]));
  await inOrder(page, 'attic');
});
