/* The player: the right picture at the right time, whatever the frames and the server do. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { pictureShown, shot, stage, until, type Stage } from './harness.ts';
import { STEP } from './world.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
const bursts = [
  { start: T, frames: 15, windows: [1] },
  { start: T + 60_000, frames: 60, windows: [2, 5] },
  { start: T + 60_000 + 59 * STEP + 8000, frames: 10, windows: [] } /* with dwell 10: the same */,
  { start: T + 300_000, frames: 2000, windows: [3] },
  { start: T + 900_000, frames: 12, windows: [3] },
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
  it.server.gone.clear();
  it.server.damaged.clear();
  it.server.conflict = false;
  it.server.streamDelay = 0;
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const at = (ms: number, more = '') =>
  `/play?camera=courtyard&at=${new Date(ms).toISOString()}${more}`;
const drawn = async (page: Page) =>
  Number(await page.locator('canvas').getAttribute('data-frame', { timeout: 3000 }));
const overlay = (page: Page) => page.getByTestId('overlay').innerText();
const frameId = (burst: number, frame: number) =>
  `1-${(bursts[burst]?.start ?? 0) + frame * STEP}-0`;
const pictureOf = (burst: number, frame: number) =>
  it.world.picture((bursts[burst]?.start ?? 0) + frame * STEP);

/* Opened at a frame within an event, the player stands there. */
async function openAt(burst: number, frame: number, more = '') {
  const opened = await it.open(at((bursts[burst]?.start ?? 0) + frame * STEP, more));
  await until(
    () => drawn(opened.page),
    (n) => n === frame,
  );
  return opened;
}

test('plays in real time, each frame with its own picture, from one stream', async () => {
  const { page, errors } = await it.open(at(T + 60_000));
  await until(
    () => drawn(page),
    (n) => n >= 5,
  );
  const start = { frame: await drawn(page), time: Date.now() };
  await page.waitForTimeout(3000);
  const frames = (await drawn(page)) - start.frame;
  const expected = (Date.now() - start.time) / STEP;
  expect(Math.abs(frames - expected)).toBeLessThan(4);
  await page.keyboard.press('k');
  const n = await drawn(page);
  expect(await pictureShown(page)).toBe(pictureOf(1, n));
  const streams = it.server.log.filter((entry) => entry.url.includes('/playback?'));
  const mine = streams.filter((entry) => entry.url.includes('14%3A01%3A00.000Z'));
  expect(mine).toHaveLength(1);
  expect(mine[0]?.range).toBeUndefined();
  /* the first picture alone, so that it does not wait for the index */
  expect(it.server.requests('.jpg')).toEqual([`/api/v1/frames/${frameId(1, 0)}.jpg`]);
  expect(errors).toEqual([]);
});

test('an address names a frame; the address follows the frame', async () => {
  const { page } = await openAt(1, 37);
  expect(await pictureShown(page)).toBe(pictureOf(1, 37));
  const text = await overlay(page);
  expect(text).toContain('09:01:07.400');
  expect(text).toContain('CDT');
  expect(text).toContain('38 / 60');
  expect(await page.locator('[data-testid=overlay] .badge').allInnerTexts()).toEqual(['2', '5']);
  await page.getByText('Event 2 of 5').waitFor();
  await page.keyboard.press('ArrowRight');
  await until(
    () => page.url(),
    (url) => url.endsWith('at=2014-05-23T14:01:07.600Z'),
  );
  await page.reload();
  await until(
    () => drawn(page),
    (n) => n === 38,
  );
});

test('arrows and wheel step frame by frame, at once, and stop at the ends', async () => {
  const { page } = await openAt(1, 30);
  await page.waitForTimeout(300);
  for (const [key, frame] of [
    ['ArrowRight', 31],
    ['ArrowRight', 32],
    ['ArrowLeft', 31],
  ] as const) {
    await page.keyboard.press(key);
    expect(await drawn(page)).toBe(frame);
    expect(await pictureShown(page)).toBe(pictureOf(1, frame));
  }
  await page.locator('canvas').hover();
  await page.mouse.wheel(0, 100);
  await until(
    () => drawn(page),
    (n) => n === 32,
  );
  await page.mouse.wheel(0, -100);
  await page.mouse.wheel(0, -100);
  await until(
    () => drawn(page),
    (n) => n === 30,
  );
  await page.keyboard.press('End');
  await until(
    () => drawn(page),
    (n) => n === 59,
  );
  await page.keyboard.press('ArrowRight');
  expect(await drawn(page)).toBe(59);
  await page.keyboard.press('Home');
  await until(
    () => drawn(page),
    (n) => n === 0,
  );
  expect(await pictureShown(page)).toBe(pictureOf(1, 0));
});

test('ten times as fast, and backwards into the event before', async () => {
  const { page } = await openAt(1, 5);
  await page.getByLabel('Speed').selectOption('10');
  await page.keyboard.press('l');
  const start = Date.now();
  await until(
    () => drawn(page),
    (n) => n >= 55,
  );
  expect(Date.now() - start).toBeLessThan(3000);
  await page.keyboard.press('j');
  await until(
    () => overlay(page),
    (text) => text.includes('/ 15'),
  );
  await until(
    () => drawn(page),
    (n) => n < 5,
  );
});

test('the next event follows by itself; it was fetched before', async () => {
  const { page } = await openAt(0, 12);
  const second = '14%3A01%3A00.000Z';
  await until(
    () => it.server.requests(second).length,
    (n) => n >= 2,
  );
  it.server.log = [];
  await page.keyboard.press('l');
  await until(
    () => overlay(page),
    (text) => text.includes('/ 60'),
  );
  expect(it.server.requests('/playback/index').filter((url) => url.includes(second))).toEqual([]);
  await until(
    () => drawn(page),
    (n) => n >= 2,
  );
  await page.getByText('Event 2 of 5').waitFor();
});

test('n and p go to the next and the previous event, and say when there is none', async () => {
  const { page } = await openAt(0, 3);
  await page.keyboard.press('p');
  await page.getByText('This is the first event').waitFor();
  await page.keyboard.press('n');
  await until(
    () => overlay(page),
    (text) => text.includes('1 / 60'),
  );
  await page.keyboard.press('p');
  await until(
    () => overlay(page),
    (text) => text.includes('1 / 15'),
  );
  await page.goto(it.server.url + at(T + 900_000 + 3 * STEP));
  await until(
    () => overlay(page),
    (text) => text.includes('4 / 12'),
  );
  await page.keyboard.press('n');
  await page.getByText('This is the newest event').waitFor();
});

test('long gaps are skipped, or honoured as asked', async () => {
  const { page } = await openAt(1, 58, '&dwell=10');
  expect(await overlay(page)).toContain('59 / 70');
  await page.keyboard.press('l');
  const start = Date.now();
  await until(
    () => drawn(page),
    (n) => n >= 61,
  );
  expect(Date.now() - start).toBeLessThan(3500);
  await page.keyboard.press('k');
  await page.keyboard.press('g');
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Home');
  const bar = page.getByRole('slider', { name: 'Position' });
  const box = await bar.boundingBox();
  if (!box) throw new Error('no bar');
  /* honoured, the gap takes the bar from 11.8 to 19.8 of 21.6 s: its middle shows a frame beside it */
  await page.mouse.click(box.x + box.width * 0.7, box.y + box.height / 2);
  expect([59, 60]).toContain(
    await until(
      () => drawn(page),
      (n) => n > 0,
    ),
  );
});

test('the bar can be clicked, dragged and reached by keys; dragging over the picture scrubs', async () => {
  const { page } = await openAt(1, 30);
  const bar = page.getByRole('slider', { name: 'Position' });
  const box = await bar.boundingBox();
  if (!box) throw new Error('no bar');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 2, y);
  await page.mouse.down();
  await until(
    () => drawn(page),
    (n) => n === 0,
  );
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
  await until(
    () => drawn(page),
    (n) => n >= 29 && n <= 30,
  );
  await page.mouse.move(box.x + box.width + 50, y - 200, { steps: 5 });
  await until(
    () => drawn(page),
    (n) => n === 59,
  );
  await page.mouse.up();
  expect(await bar.getAttribute('aria-valuetext')).toBe('09:01:11, frame 60 of 60');
  const picture = await page.locator('canvas').boundingBox();
  if (!picture) throw new Error('no canvas');
  await page.mouse.move(picture.x + picture.width * 0.8, picture.y + 100);
  await page.mouse.down();
  await page.mouse.move(picture.x + picture.width * 0.3, picture.y + 100, { steps: 8 });
  await page.mouse.up();
  await until(
    () => drawn(page),
    (n) => n >= 28 && n <= 31,
  );
});

test('an event one goes to plays forwards, also after one went backwards', async () => {
  const { page } = await openAt(1, 30);
  await page.keyboard.press('j');
  await until(
    () => drawn(page),
    (n) => n < 30,
  );
  await page.evaluate(
    (url) => {
      history.pushState(null, '', url);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    at(T + 300_000),
  );
  await until(
    () => overlay(page).catch(() => ''),
    (text) => text.includes('/ 2,000'),
  );
  await until(
    () => drawn(page),
    (n) => n >= 3,
  );
});

test('a damaged frame is shown as such, and playing goes on', async () => {
  it.server.damaged.add(frameId(1, 32));
  const { page } = await openAt(1, 31);
  await page.keyboard.press('ArrowRight');
  await page.getByText('Frame 33 cannot be shown').waitFor();
  await shot(page, 'play-damaged');
  await page.keyboard.press('ArrowRight');
  await until(
    () => pictureShown(page),
    (n) => n === pictureOf(1, 33),
  );
  expect(await page.getByText('cannot be shown').count()).toBe(0);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('l');
  await until(
    () => drawn(page),
    (n) => n >= 36,
  );
});

test('a frame that vanished breaks the stream; the others play, it says why', async () => {
  it.server.gone.add(frameId(1, 20));
  const { page } = await openAt(1, 19);
  await page.keyboard.press('ArrowRight');
  await page.getByText('Frame 21 is gone').waitFor();
  await page.getByText('has vanished').waitFor();
  for (const frame of [21, 22, 59]) {
    await page.keyboard.press(frame === 59 ? 'End' : 'ArrowRight');
    await until(
      () => drawn(page),
      (n) => n === frame,
    );
    await until(
      () => pictureShown(page),
      (n) => n === pictureOf(1, frame),
    );
  }
  await page.keyboard.press('Home');
  await until(
    () => pictureShown(page),
    (n) => n === pictureOf(1, 0),
  );
});

test('when the stream is refused, frames come one by one', async () => {
  it.server.conflict = true;
  const { page } = await openAt(1, 5);
  expect(await pictureShown(page)).toBe(pictureOf(1, 5));
  await page.keyboard.press('End');
  await until(
    () => pictureShown(page),
    (n) => n === pictureOf(1, 59),
  );
});

test('an event whose frames are all gone says what happened and what can be done', async () => {
  it.server.conflict = true;
  for (let i = 0; i < 15; i++) it.server.gone.add(frameId(0, i));
  const { page } = await it.open(at(T + STEP));
  await page.getByText('The pictures of this event are gone').waitFor();
  await shot(page, 'play-gone');
  it.server.conflict = false;
  await page.getByRole('button', { name: 'Next event (n)' }).first().click();
  await until(
    () => overlay(page),
    (text) => text.includes('/ 60'),
  );
});

test('a long event: jumping far fetches from there, leaving stops fetching', async () => {
  it.server.streamDelay = 20; /* 2,000 frames would take 40 s */
  const { page } = await openAt(3, 1);
  const start = Date.now();
  await page.keyboard.press('End');
  await until(
    () => drawn(page),
    (n) => n === 1999,
  );
  expect(Date.now() - start).toBeLessThan(3000);
  expect(await pictureShown(page)).toBe(pictureOf(3, 1999));
  const ranges = it.server.log.filter((entry) => entry.range);
  expect(ranges.length).toBeGreaterThan(0);
  await page.getByRole('link', { name: 'Events of the day' }).click();
  await page.waitForSelector('li a');
  await until(
    () => it.server.log.filter((entry) => entry.url.includes('/playback?')).at(-1)?.aborted,
    (aborted) => aborted === true,
  );
  const count = it.server.requests('/playback').length;
  await page.waitForTimeout(500);
  expect(it.server.requests('/playback').length).toBe(count);
});

test('an event that goes on is followed', async () => {
  const last = bursts[4];
  const camera = it.world.cameras[0];
  if (!last || !camera) throw new Error('no burst');
  const { page } = await openAt(4, 8);
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  await page.keyboard.press('l');
  await page.getByText('This is the newest event').waitFor();
  camera.bursts = [...bursts.slice(0, 4), { ...last, frames: 30 }];
  it.server.emit('event', it.world.event(camera, [{ ...last, frames: 30 }]));
  await until(
    () => overlay(page),
    (text) => text.includes('/ 30'),
  );
  await until(
    () => drawn(page),
    (n) => n === 29,
  );
  expect(await pictureShown(page)).toBe(pictureOf(4, 29));
  camera.bursts = bursts;
});

test('keys are shown by ?, h hides all but the picture, a link can be copied', async () => {
  const { page } = await openAt(1, 30);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('frame by frame').waitFor();
  await shot(page, 'play-keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('h');
  await page.getByTestId('overlay').waitFor({ state: 'detached' });
  expect(await page.getByRole('group', { name: 'Player controls' }).count()).toBe(0);
  await page.keyboard.press('h');
  await page.keyboard.press('+');
  expect(await page.getByLabel('Speed').inputValue()).toBe('2');
  await page.keyboard.press('c');
  await page.getByText('Link copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${it.server.url}${at(T + 60_000 + 30 * STEP)}`);
});
