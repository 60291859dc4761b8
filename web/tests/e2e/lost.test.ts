/* What is asked for while the server is away, and what is not there: it is said, and goes on. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { stage, until, type Stage } from './harness.ts';

const DAY = 86_400_000;
const NOON = Date.parse('2014-05-23T17:00:00Z');
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    const bursts = [NOON - DAY, NOON, NOON + 600_000].map((start) => ({
      start,
      frames: 20,
      windows: [2],
    }));
    world.cameras = [
      { name: 'courtyard', timezone: 'America/Chicago', bursts, silentAfter: 60 },
      { name: 'gate', timezone: 'Europe/Berlin', bursts: bursts.slice(0, 1), silentAfter: 1e9 },
    ];
  });
});
afterAll(() => it.close());
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

async function goneFrom(path: string, ready: string, options = {}) {
  const opened = await it.open(path, options);
  await opened.page.waitForSelector(ready);
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  await it.server.stop();
  await opened.page.getByText('The server does not answer. What').waitFor();
  return opened;
}

test('a page whose code could not be fetched says so, and comes when the server is back', async () => {
  const { page } = await goneFrom('/cameras', 'article img');
  await page.getByRole('link', { name: 'Calendar' }).click();
  await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor();
  await it.server.start();
  await page.getByRole('heading', { name: 'May 2014' }).waitFor({ timeout: 15_000 });
});

test('events that could not be read are read when the server is back', async () => {
  const { page } = await goneFrom('/day/2014-05-23?camera=courtyard', 'li a img');
  await page.getByRole('link', { name: 'Previous day' }).click();
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  await it.server.start();
  await page.getByText('1 event', { exact: true }).waitFor({ timeout: 15_000 });
  expect(await page.getByRole('heading', { name: 'The server does not answer' }).count()).toBe(0);
});

test('what is said of it takes nothing of the player off the screen', async () => {
  const { page } = await goneFrom(
    `/play?camera=courtyard&at=${new Date(NOON).toISOString()}`,
    'canvas',
  );
  const last = page.getByRole('button', { name: /^Full screen/ });
  const box = await last.boundingBox();
  expect(box && box.y + box.height).toBeLessThanOrEqual(800);
  await it.server.start();
});

test('the player says that there is no such camera, and has nothing to press', async () => {
  const { page } = await it.open('/play?camera=attic');
  await page.getByText('There is no camera called “attic”').waitFor();
  expect(await page.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
  expect(await page.title()).toBe('attic · cctvweb');
});

test('without cameras each place says what to do', async () => {
  const { cameras } = it.world;
  it.world.cameras = [];
  for (const place of ['/', '/cameras', '/calendar', '/day/2014-05-23', '/play']) {
    const { page } = await it.open(place);
    await page.getByText('Add a camera that uploads by FTP').waitFor();
    await page.context().close();
  }
  it.world.cameras = cameras;
});

test('in the list too a camera is silent, or just quiet', async () => {
  const { page } = await it.open('/cameras');
  await page.waitForSelector('article img');
  expect(await page.locator('article .state').allInnerTexts()).toEqual(['Silent', 'Quiet']);
});

test('a camera whose newest picture is gone does not seem to be without any', async () => {
  for (const place of ['/', '/cameras', '/cameras/gate']) {
    const context = await it.browser.newContext();
    const page = await context.newPage();
    await page.route('**/frames/**', (route) => route.fulfill({ status: 410, body: '' }));
    await page.goto(it.server.url + place);
    await page.getByText('Its picture cannot be shown').first().waitFor();
    await context.close();
  }
});

test('on a phone nothing lies over another thing, and what is chosen is in sight', async () => {
  const phone = { viewport: { width: 360, height: 740 } };
  const { page } = await it.open('/events?from=2014-05-20&to=2014-05-29', phone);
  await page.waitForSelector('li a img');
  const chosen = await page.locator('.common [aria-pressed=true]').boundingBox();
  const next = await page.getByRole('button', { name: 'Not reviewed' }).boundingBox();
  if (!chosen || !next) throw new Error('not there');
  expect(chosen.x).toBeGreaterThanOrEqual(0);
  expect(chosen.x).toBeLessThan(200);
  expect(next.x).toBeGreaterThanOrEqual(chosen.x + chosen.width);
  await page.goto(`${it.server.url}/day/2014-05-23?camera=courtyard&camera=gate`);
  await page.waitForSelector('li a img[data-frame]');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const names = page.locator('.caption strong');
  for (const i of [0, 1]) {
    expect((await names.nth(i).boundingBox())?.width).toBeGreaterThan(20);
    const cut = await names.nth(i).evaluate((name) => name.scrollWidth > name.clientWidth);
    expect(cut).toBe(false);
  }
});

test('on a phone the time of several cameras does not lie on a button', async () => {
  const at = new Date(NOON + 2000).toISOString();
  const { page } = await it.open(`/play?camera=courtyard&camera=gate&at=${at}`, {
    viewport: { width: 360, height: 740 },
  });
  const time = page.getByTestId('overlay');
  const large = await page.getByRole('button', { name: 'Make courtyard large' }).boundingBox();
  const many = await time.boundingBox();
  expect(many && large && (many.x + many.width <= large.x || many.y + many.height <= large.y)).toBe(
    true,
  );
});

test('one camera is as large on the wall as there is room', async () => {
  const { cameras } = it.world;
  it.world.cameras = cameras.slice(0, 1);
  const { page } = await it.open('/');
  await page.waitForSelector('li a img');
  const box = await page.locator('li').first().boundingBox();
  expect(box?.height).toBeGreaterThan(550);
  expect(box && box.y + box.height).toBeLessThanOrEqual(800);
  it.world.cameras = cameras;
});
