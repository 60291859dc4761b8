/* The list of cameras, what arrives live, and a server that goes away. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { shot, stage, until, type Stage } from './harness.ts';

const NOON = Date.parse('2014-05-23T17:00:00Z');
let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.world.cameras = [
    {
      name: 'courtyard',
      timezone: 'America/Chicago',
      bursts: [{ start: NOON, frames: 20, windows: [2] }],
    },
    { name: 'gate', timezone: 'Europe/Berlin', bursts: [{ start: NOON, frames: 5, windows: [] }] },
  ];
  it.server.log = [];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

test('shows each camera with its newest picture, its counts and times in its own zone', async () => {
  const { page, errors } = await it.open('/cameras');
  await page.waitForSelector('article img');
  const text = await page.locator('article').allInnerTexts();
  expect(text[0]).toContain('courtyard');
  expect(text[0]).toContain('Fri 23 May 2014, 12:00:03 CDT');
  expect(text[0]).toContain('20 frames, 10 with motion');
  expect(text[1]).toContain('19:00:00 GMT+2');
  expect(it.server.requests('/frames/').every((url) => url.includes('?width='))).toBe(true);
  expect(errors).toEqual([]);
});

test('a new frame changes picture, time and counts by one event source, without asking again', async () => {
  const { page } = await it.open('/cameras');
  await page.waitForSelector('article img');
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  const camera = it.world.cameras[1];
  if (!camera) throw new Error('no camera');
  const now = Date.now();
  const frame = it.world.frame(camera, { start: now, frames: 1, windows: [] }, 0);
  it.server.emit('frame', { ...frame, kinds: ['motion'], windows: [4] });
  const card = page.locator('article').nth(1);
  await until(
    () => card.innerText(),
    (text) => text.includes('6 frames, 3 with motion'),
  );
  const text = await card.innerText();
  expect(text).toContain('Live');
  expect(text).toMatch(/now|seconds? ago/);
  expect(await card.locator('.badge').allInnerTexts()).toEqual(['4']);
  expect(await card.locator('img').getAttribute('src')).toContain(`/frames/2-${now}-0.jpg`);
  await page.waitForTimeout(1500);
  expect(it.server.requests('/api/v1/cameras')).toHaveLength(1);
  expect(it.server.requests('/api/v1/live')).toHaveLength(1);
});

test('a camera that appears is added; before, the page says what to do', async () => {
  const all = it.world.cameras;
  it.world.cameras = [];
  const { page } = await it.open('/cameras');
  await page.getByText('No cameras yet').waitFor();
  expect(await page.locator('main').innerText()).toContain('cctvweb serve');
  await shot(page, 'cameras-empty');
  it.world.cameras = all;
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  const camera = it.world.cameras[0];
  if (!camera) throw new Error('no camera');
  it.server.emit('camera', it.world.camera(camera));
  await page.getByRole('heading', { name: 'courtyard' }).waitFor();
});

test('a server that goes away is told of, and what was missed is there when it is back', async () => {
  const { page } = await it.open('/cameras');
  await page.waitForSelector('article img');
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  await it.server.stop();
  await page.getByText('The server does not answer').waitFor();
  await shot(page, 'connection-lost');
  it.world.cameras.push({ name: 'new', timezone: 'UTC', bursts: [] });
  await it.server.start();
  await page.getByRole('heading', { name: 'new' }).waitFor({ timeout: 15_000 });
  await until(
    () => page.getByText('The server does not answer').count(),
    (n) => n === 0,
  );
});

test('a page that cannot load says so and offers to try again', async () => {
  const { page } = await it.open('/cameras');
  await page.waitForSelector('article img');
  await page.route('**/api/v1/cameras', (route) => route.abort());
  await page.reload();
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  await page.unroute('**/api/v1/cameras');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForSelector('article img');
});

test('with the keyboard alone: skip link, focus that is seen, pages announced by their heading', async () => {
  const { page } = await it.open('/cameras');
  await page.waitForSelector('article img');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  const width = await page.evaluate(
    () => getComputedStyle(document.activeElement as Element).outlineWidth,
  );
  expect(parseFloat(width)).toBeGreaterThanOrEqual(2);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Add a camera');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('li a .caption');
  expect(page.url()).toContain('/day/2014-05-23?camera=courtyard');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});

test('asks nobody but its own server, and a page that is not there says so', async () => {
  const { page } = await it.open('/cameras');
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.waitForSelector('article img');
  await page.goto(`${it.server.url}/nothing/here`);
  await page.getByText('There is no such page').waitFor();
  expect([...hosts]).toEqual([`127.0.0.1:${it.server.port}`]);
});
