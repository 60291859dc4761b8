/* The event browser: every filter in the address and asked of the server, cameras together, live. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, shot, stage, until, type Stage } from './harness.ts';

const HOUR = 3_600_000;
const DAY = Date.parse('2014-05-23T05:00:00Z'); /* a Friday's midnight in Chicago */
let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.world.cameras = [
    {
      name: 'busy',
      timezone: 'UTC',
      bursts: Array.from({ length: 2500 }, (_, i) => ({
        start: Date.parse('2013-01-01T00:00:00Z') + i * 60_000,
        frames: 3 + (i % 5),
        windows: [(i % 8) + 1],
      })),
    },
    {
      name: 'courtyard',
      timezone: 'America/Chicago',
      bursts: [
        { start: DAY + 1 * HOUR, frames: 10, windows: [1] } /* Friday 01:00 */,
        { start: DAY + 9 * HOUR, frames: 50, windows: [2, 5] } /* Friday 09:00 */,
        { start: DAY + 23 * HOUR, frames: 5, windows: [], kinds: ['input'] } /* Friday 23:00 */,
        { start: DAY + 33 * HOUR, frames: 20, windows: [3] } /* Saturday 09:00 */,
      ],
    },
    {
      name: 'gate',
      timezone: 'Europe/Berlin',
      bursts: [{ start: DAY + 9 * HOUR, frames: 7, windows: [4] }] /* Friday 16:00 */,
    },
  ];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const PATH = '/events?camera=courtyard&camera=gate';
const shown = (page: Page) => page.locator('li a .caption strong').allInnerTexts();
const showing = (page: Page, times: string) =>
  until(
    () => shown(page),
    (list) => list.join(' ') === times,
  );
const query = (page: Page) => new URL(page.url()).search;

test('cameras together, each with its own times, the latest first', async () => {
  const { page, errors } = await it.open(PATH);
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
  const text = await page.locator('li').allInnerTexts();
  expect(text[0]).toContain('courtyard · Sat 24 May 2014');
  expect(text[2]).toContain('gate · Fri 23 May 2014');
  expect(await page.locator('.summary').innerText()).toContain('5 events');
  expect(await page.locator('.summary').innerText()).toContain('Times are those of each camera');
  expect(errors).toEqual([]);
});

test('each filter narrows the list, is kept in the address and read from it again', async () => {
  const { page } = await it.open(PATH);
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('button', { name: 'Window 2', exact: true }).click();
  await page.getByRole('button', { name: 'Window 3', exact: true }).click();
  await showing(page, '09:00:00 09:00:00');
  await page.getByRole('button', { name: 'Sat', exact: true }).click();
  await showing(page, '09:00:00');
  expect(query(page)).toBe('?camera=courtyard&camera=gate&window=2&window=3&weekday=sat');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
  await page.getByLabel('Time of day, from').fill('22:00');
  await page.getByLabel('Time of day, to').fill('06:00');
  await showing(page, '23:00:00 01:00:00');
  expect(query(page)).toContain('hours=22:00-06:00');
  await page.getByText('across midnight').waitFor();
  await page.getByRole('button', { name: 'input', exact: true }).click();
  await showing(page, '23:00:00');
  await page.getByRole('button', { name: 'Filters (2)' }).waitFor();
  await page.reload();
  await showing(page, '23:00:00');
  /* The panel is closed; what narrows the list is told nevertheless, and can be taken away. */
  const narrowings = page.getByRole('list', { name: 'What narrows the list' });
  expect(await narrowings.getByRole('button').allInnerTexts()).toEqual([
    '22:00 – 06:00',
    'input',
    'Clear filters',
  ]);
  expect(await page.getByLabel('Time of day, from').isVisible()).toBe(false);
  await shot(page, 'events-narrowed');
  expect(await accessibility(page)).toEqual([]);
  await narrowings.getByRole('button', { name: 'input: take away' }).click();
  await showing(page, '23:00:00 01:00:00');
  await page.getByRole('button', { name: 'Filters (1)' }).click();
  await page.getByRole('button', { name: 'Window 8', exact: true }).click();
  await page.getByText('No event fits').waitFor();
  await page.getByRole('button', { name: 'Show all events' }).click();
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
});

test('days are whole days of the camera; a range that ends before it begins is one day', async () => {
  const { page } = await it.open('/events?camera=courtyard&from=2014-05-23&to=2014-05-23');
  await showing(page, '23:00:00 09:00:00 01:00:00');
  const asked = new URL(it.server.requests('/api/v1/events?')[0] ?? '', it.server.url).searchParams;
  expect(Number(asked.get('from'))).toBe(DAY);
  expect(Number(asked.get('to'))).toBe(DAY + 24 * HOUR - 1);
  await page.getByRole('button', { name: 'Fri 23 May 2014' }).click();
  await page.getByLabel('From', { exact: true }).fill('2014-05-24');
  await showing(page, '09:00:00');
  expect(query(page)).toBe('?camera=courtyard&from=2014-05-24&to=2014-05-24');
  await page.getByRole('button', { name: 'All days' }).click();
  await showing(page, '09:00:00 23:00:00 09:00:00 01:00:00');
  expect(query(page)).toBe('?camera=courtyard');
});

test('every order is the one the server gives', async () => {
  const { page } = await it.open(PATH);
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
  const frames = () => page.locator('li a .caption span').allInnerTexts();
  for (const [label, want] of [
    ['Most frames first', '50 20 10 7 5'],
    ['Shortest first', '5 7 10 20 50'],
    ['By window', '10 50 20 7 5'],
    ['Earliest first', '10 50 7 5 20'],
  ] as const) {
    await page.getByLabel('Order').selectOption({ label });
    await until(frames, (list) => list.map((text) => parseInt(text)).join(' ') === want);
  }
  expect(query(page)).toContain('sort=time');
});

test('2,500 events: pages by cursor as needed, few cells, pictures only near the screen', async () => {
  const { page, errors } = await it.open('/events?camera=busy&sort=time');
  await page.waitForSelector('li a img');
  expect(await page.locator('.summary').innerText()).toContain('2,500 events');
  expect(it.server.requests('limit=1000')).toHaveLength(0);
  expect(await page.locator('li[data-cell]').count()).toBeLessThan(60);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await until(
    () => shown(page),
    (times) => times.includes('17:39:00'),
  );
  expect(it.server.requests('limit=1000').every((url) => url.includes('cursor='))).toBe(true);
  expect(await page.locator('li[data-cell]').count()).toBeLessThan(60);
  expect(it.server.requests('/frames/').length).toBeLessThan(160);
  expect(errors).toEqual([]);
});

test('with the keyboard alone: cameras are chosen, the grid walked, the player opened and left', async () => {
  const { page } = await it.open('/events');
  await page.waitForSelector('li a img');
  await page.getByLabel('Cameras: All cameras').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab'); /* all: nothing to take away, so the first camera */
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.getByLabel('Cameras: courtyard').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.locator('input[type=checkbox]:visible').count()).toBe(0);
  await showing(page, '09:00:00 23:00:00 09:00:00 01:00:00');
  await page.locator('li a').first().focus();
  await page.keyboard.press('ArrowRight');
  await until(
    () => page.evaluate(() => document.activeElement?.textContent),
    (text) => text?.includes('23:00:00') ?? false,
  );
  await page.keyboard.press('Enter');
  await page.waitForSelector('canvas[data-frame]');
  expect(page.url()).toContain('/play?camera=courtyard&at=2014-05-24T04:00');
  await page.goBack();
  await showing(page, '09:00:00 23:00:00 09:00:00 01:00:00');
});

test('in the player n and p go through what the filter lets through', async () => {
  const { page } = await it.open('/events?camera=courtyard&hours=22:00-06:00&sort=time');
  await showing(page, '01:00:00 23:00:00');
  await page.locator('li a').first().click();
  await page.waitForSelector('canvas[data-frame]');
  await page.keyboard.press('k');
  await page.keyboard.press('n');
  await until(
    () => page.getByTestId('overlay').innerText(),
    (text) => text.includes('23:00:0'),
  );
  expect(page.url()).toContain('hours=22:00-06:00');
});

test('what happens now appears when it fits', async () => {
  const { page } = await it.open(`${PATH}&hours=08:00-12:00`);
  await showing(page, '09:00:00 09:00:00');
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  const [, courtyard] = it.world.cameras;
  if (!courtyard) throw new Error('no camera');
  const later = (hours: number) => ({ start: DAY + hours * HOUR, frames: 3, windows: [7] });
  it.server.emit('event', it.world.event(courtyard, [later(58)])); /* Sunday 10:00 */
  await showing(page, '10:00:00 09:00:00 09:00:00');
  it.server.emit('event', it.world.event(courtyard, [later(61)])); /* Sunday 13:00 */
  it.server.emit('event', it.world.event(it.world.cameras[0] as never, [later(53)]));
  await page.waitForTimeout(300);
  expect(await shown(page)).toHaveLength(3);
});

test('a camera that is not there and an empty catalog say what can be done', async () => {
  const { page } = await it.open('/events?camera=nobody');
  await page.getByText('there is no camera nobody').waitFor();
  it.world.cameras = [];
  await page.goto(`${it.server.url}/events`);
  await page.getByText('No events yet').waitFor();
});

test('what could not be read is read when the server is back', async () => {
  const { page } = await it.open(PATH);
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  await page.route('**/api/v1/events?*', (route) => route.abort());
  const from = new Date(DAY).toISOString();
  it.server.emit('marks', { camera: 'courtyard', from, to: from });
  await page.getByRole('alert').waitFor();
  await page.unroute('**/api/v1/events?*');
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await showing(page, '09:00:00 23:00:00 16:00:00 09:00:00 01:00:00');
});
