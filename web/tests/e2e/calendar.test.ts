/* The calendar: a month from one call, the year beside it, other zones, live, by keyboard. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { stage, until, type Stage } from './harness.ts';

const DAY = Date.parse('2014-05-23T05:00:00Z'); /* midnight in Chicago */
const HOUR = 3_600_000;
const PATH = '/calendar/2014-05?camera=courtyard';
let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.world.cameras = [
    {
      name: 'courtyard',
      timezone: 'America/Chicago',
      bursts: [
        { start: DAY - 90 * 24 * HOUR, frames: 4, windows: [] },
        { start: DAY - HOUR, frames: 8, windows: [3] } /* the 22nd, 23:00 */,
        { start: DAY, frames: 40, windows: [1, 5] },
        { start: DAY + 12 * HOUR, frames: 10, windows: [] },
      ],
    },
    {
      name: 'gate',
      timezone: 'Europe/Berlin',
      bursts: [{ start: DAY - HOUR, frames: 8, windows: [3] }] /* the 23rd there */,
    },
  ];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const calls = () =>
  it.server.requests('/api/v1/activity').map((url) => new URL(url, it.server.url).searchParams);

test('a month is one call in hours from its first midnight; each day shows what happened', async () => {
  const { page, errors } = await it.open(PATH);
  await page
    .getByRole('table')
    .getByRole('link', { name: 'Fri 23 May 2014, 50 frames, 20 with motion' })
    .waitFor();
  await page
    .getByRole('table')
    .getByRole('link', { name: 'Thu 22 May 2014, 8 frames, 4 with motion' })
    .waitFor();
  await page.getByRole('table').getByRole('link', { name: 'Sat 24 May 2014, no frames' }).waitFor();
  expect(await page.locator('td a').count()).toBe(31);
  const month = calls().filter((query) => query.get('bucket') === '3600');
  expect(month).toHaveLength(1);
  const start = Date.parse('2014-05-01T05:00:00Z');
  expect(Number(month[0]?.get('from'))).toBe(start);
  expect(Number(month[0]?.get('origin'))).toBe(start);
  expect(Number(month[0]?.get('to'))).toBe(Date.parse('2014-06-01T05:00:00Z') - 1);
  /* bars of two tones, and a lane for each of the windows 1, 3 and 5 */
  const day = page.locator('td a', { hasText: 'Fri 23 May' });
  expect(await day.locator('path.motion').count()).toBe(4);
  expect((await day.locator('path.other').getAttribute('d'))?.match(/M/g)).toHaveLength(2);
  expect((await day.locator('path.motion').first().getAttribute('d'))?.match(/M/g)).toHaveLength(1);
  expect(await page.locator('.legend').innerText()).toContain('58 frames, 24 with motion');
  expect(errors).toEqual([]);
});

test('a year is a few calls in days, a square for each', async () => {
  const { page } = await it.open(PATH);
  await until(
    () => page.locator('.strip .day[title*="50 frames"]').count(),
    (n) => n === 1,
  );
  expect(await page.locator('.strip .day').count()).toBe(365);
  expect(await page.locator('.strip .day:not(.t0)').count()).toBe(3);
  expect(calls().filter((query) => query.get('bucket') === '86400').length).toBeLessThanOrEqual(3);
  await page.getByRole('link', { name: 'Feb', exact: true }).click();
  await page
    .getByRole('table')
    .getByRole('link', { name: 'Fri 21 Feb 2014, 4 frames, 0 with motion' })
    .waitFor();
  expect(page.url()).toContain('/calendar/2014-02?camera=courtyard');
  await page.getByRole('link', { name: 'Previous year' }).click();
  await page.getByRole('heading', { name: 'February 2013' }).waitFor();
  expect(await page.locator('.strip .day').count()).toBe(365);
  await page.getByRole('link', { name: 'Newest: May 2014' }).click();
  await page.getByRole('heading', { name: 'May 2014' }).waitFor();
});

test('months and cameras are gone through, back comes back; a day is opened', async () => {
  const { page } = await it.open('/calendar');
  await page.getByRole('heading', { name: 'courtyard May 2014' }).waitFor();
  expect(page.url()).toContain(PATH);
  await page.locator('.camera select').selectOption('gate');
  await page
    .getByRole('table')
    .getByRole('link', { name: 'Fri 23 May 2014, 8 frames, 4 with motion' })
    .waitFor();
  await page.getByRole('link', { name: 'Next month' }).click();
  await page.getByRole('heading', { name: 'June 2014' }).waitFor();
  expect(await page.locator('td a').count()).toBe(30);
  await page.getByLabel('Month', { exact: true }).fill('2014-03');
  await page.getByRole('heading', { name: 'March 2014' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'June 2014' }).waitFor();
  await page.goBack();
  await page.getByRole('table').getByRole('link', { name: 'Fri 23 May 2014, 8 frames' }).click();
  await page.waitForSelector('li a img');
  expect(page.url()).toContain('/day/2014-05-23?camera=gate');
  await page.getByRole('link', { name: 'Month of this day' }).click();
  await page.getByRole('heading', { name: 'gate May 2014' }).waitFor();
});

test('with the keyboard: arrows go by days and weeks, Enter opens', async () => {
  const { page } = await it.open(PATH);
  await page.getByRole('table').getByRole('link', { name: 'Fri 23 May 2014, 50 frames' }).focus();
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.keyboard.press('ArrowUp');
  expect(await focused()).toContain('Fri 16 May');
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toContain('Thu 15 May');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('Thu 22 May');
  await page.keyboard.press('Enter');
  await page.waitForSelector('li a img');
  expect(page.url()).toContain('/day/2014-05-22');
});

test('the squares of the year are gone through with the keyboard', async () => {
  const { page } = await it.open(PATH);
  await page.waitForSelector('.strip .day[title*="50 frames"]');
  await page.getByRole('link', { name: 'Dec', exact: true }).focus();
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  expect(await focused()).toBe('Thu 1 May 2014, no frames');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('Fri 23 May 2014, 50 frames, 20 with motion');
  /* it is the one place of the strip in the order of tabs */
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Fri 23 May 2014, 50 frames, 20 with motion');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/day\/2014-05-23\?camera=courtyard/);
});

test('what arrives is added to its hour and its day', async () => {
  const { page } = await it.open(PATH);
  await page.getByRole('table').getByRole('link', { name: 'Sat 24 May 2014, no frames' }).waitFor();
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  const [courtyard, gate] = it.world.cameras;
  if (!courtyard || !gate) throw new Error('no camera');
  const burst = { start: DAY + 30 * HOUR, frames: 2, windows: [] };
  it.server.emit('frame', { ...it.world.frame(courtyard, burst, 0), windows: [2] });
  it.server.emit('frame', it.world.frame(gate, burst, 0));
  await page
    .getByRole('table')
    .getByRole('link', { name: 'Sat 24 May 2014, 1 frame, 1 with motion' })
    .waitFor();
  await page.waitForSelector('.strip .day[title^="Sat 24 May 2014, 1 frame"]');
});

test('what cannot be read is told of and read again', async () => {
  const { page } = await it.open('/cameras');
  await page.route('**/api/v1/activity*', (route) => route.abort());
  await page.goto(`${it.server.url}${PATH}`);
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
  await page.unroute('**/api/v1/activity*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('table').getByRole('link', { name: 'Fri 23 May 2014, 50 frames' }).waitFor();
  await page.goto(`${it.server.url}/calendar/2014-05?camera=nobody`);
  await page.getByText('There is no camera called “nobody”').waitFor();
});
