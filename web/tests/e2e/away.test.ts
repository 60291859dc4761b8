/* The player while the server is away, or has other frames than it told of. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { pictureShown, stage, until, type Stage } from './harness.ts';
import { STEP } from './world.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
const LONG = T + 300_000;
const LATER = T + 3_600_000;
const bursts = [
  { start: T, frames: 60, windows: [1] },
  { start: LONG, frames: 2000, windows: [3] },
  { start: LATER, frames: 20, windows: [] },
];
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [{ name: 'courtyard', timezone: 'America/Chicago', bursts }];
  });
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.server.away = false;
  it.server.streamDelay = 0;
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const at = (ms: number) => `/play?camera=courtyard&at=${new Date(ms).toISOString()}`;
const drawn = async (page: Page) =>
  Number(await page.locator('canvas').getAttribute('data-frame', { timeout: 3000 }));
const overlay = (page: Page) => page.getByTestId('overlay').innerText();

test('away in the middle of an event: nothing is played unseen, then it goes on by itself', async () => {
  it.server.streamDelay = 20; /* little of it is here */
  const { page } = await it.open(at(LONG + STEP));
  await until(
    () => drawn(page),
    (n) => n === 1,
  );
  /* as a proxy answers while the program starts again; the live connection may be there */
  it.server.away = true;
  await page.keyboard.press('End');
  await page.getByText('Loading pictures').waitFor();
  await page.keyboard.press('j');
  await page.waitForTimeout(2000);
  expect(await overlay(page)).toMatch(/(2,000|1,99\d) . 2,000/);
  expect(await page.getByText('cannot be shown').count()).toBe(0);
  it.server.away = false;
  it.server.streamDelay = 0;
  await until(
    () => drawn(page),
    (n) => n > 1900 && n < 1998,
  );
  await page.keyboard.press('k');
  const n = await drawn(page);
  expect(await pictureShown(page)).toBe(it.world.picture(LONG + n * STEP));
});

test('away before anything is known of the event: it says so, then shows it by itself', async () => {
  const { page } = await it.open(at(T));
  await page.getByText('Event 1 of 3').waitFor();
  await until(
    () => it.server.watchers,
    (watchers) => watchers === 1,
  );
  it.server.away = true;
  await page.evaluate(
    (url) => {
      history.pushState(null, '', url);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    at(LATER + 5 * STEP),
  );
  await page.getByRole('alert').waitFor();
  it.server.away = false;
  await until(
    () => drawn(page).catch(() => -1),
    (n) => n === 5,
  );
});

test('a frame that comes late into an event: no picture is cut at the wrong place', async () => {
  it.server.streamDelay = 20;
  const { page } = await it.open(at(LONG + STEP));
  await until(
    () => drawn(page),
    (n) => n === 1,
  );
  const camera = it.world.cameras[0];
  if (!camera) throw new Error('no camera');
  const late = { start: LONG + 500 * STEP - STEP / 2, frames: 1, windows: [3] };
  camera.bursts = [
    ...bursts.slice(0, 1),
    { start: LONG, frames: 500, windows: [3] },
    late,
    { start: LONG + 500 * STEP, frames: 1500, windows: [3] },
    ...bursts.slice(2),
  ];
  it.server.streamDelay = 0;
  await page.keyboard.press('End');
  await until(
    () => overlay(page).catch(() => ''),
    (text) => text.includes('2,001 / 2,001'),
  );
  await until(
    () => drawn(page),
    (n) => n === 2000,
  );
  expect(await pictureShown(page)).toBe(it.world.picture(LONG + 1999 * STEP));
  expect(await page.getByText('cannot be shown').count()).toBe(0);
  camera.bursts = bursts;
});
