/* Several cameras side by side on one clock. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, pictureShown, shot, stage, until, type Stage } from './harness.ts';
import { STEP } from './world.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
/* Someone walks from the gate (0 to 8 s) through the courtyard (6 to 18 s); the yard saw nobody since. */
const bursts = {
  courtyard: [
    { start: T + 6000, frames: 60, windows: [2] },
    { start: T + 120_000, frames: 20, windows: [1] },
  ],
  gate: [
    { start: T, frames: 40, windows: [1, 3] },
    { start: T + 60_000, frames: 25, windows: [] },
  ],
  yard: [{ start: T - 600_000, frames: 10, windows: [] }],
};
const others = ['hall', 'the-back-entrance-by-the-bicycles', 'roof', '00_50_1a_1d_03_d5', 'x', 'y'];
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      { name: 'courtyard', timezone: 'America/Chicago', bursts: bursts.courtyard },
      { name: 'gate', timezone: 'America/Chicago', bursts: bursts.gate },
      { name: 'yard', timezone: 'Europe/Berlin', bursts: bursts.yard },
      ...others.map((name, i) => ({
        name,
        timezone: i % 2 ? 'Europe/Berlin' : 'America/Chicago',
        bursts: i % 3 ? bursts.courtyard : bursts.yard,
      })),
    ];
  });
});
afterAll(() => it.close());
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const cameras = (...names: string[]) => names.map((name) => `camera=${name}`).join('&');
const overlay = (page: Page) => page.getByTestId('overlay').innerText();
const canvas = (page: Page, camera: string) => page.locator(`canvas[data-camera="${camera}"]`);
const drawn = async (page: Page, camera: string) =>
  Number(await canvas(page, camera).getAttribute('data-frame', { timeout: 3000 }));
const tile = async (page: Page, camera: string) => {
  const box = await page.locator('.tile', { has: canvas(page, camera) }).boundingBox();
  if (!box) throw new Error(`no picture of ${camera}`);
  return box;
};

async function standing(ms: number, names: string[], options = {}) {
  const at = new Date(T + ms).toISOString();
  const opened = await it.open(`/play?${cameras(...names)}&at=${at}`, options);
  await until(
    async () => Promise.all(names.map((name) => drawn(opened.page, name))),
    (all) => all.every((n) => n >= 0),
  );
  return opened;
}

test('what overlaps is one stretch; each camera shows its own frame of one moment', async () => {
  const { page, errors } = await standing(6000, ['courtyard', 'gate']);
  await until(
    () => overlay(page),
    (text) => text.includes('09:00:06.000'),
  );
  /* gate 0 .. 7.8 s, courtyard 6 .. 17.8 s: at each step both or one of them have a frame */
  expect(await overlay(page)).toContain('31 / 90');
  expect(await drawn(page, 'gate')).toBe(30);
  const shown = (ms: number) => it.world.picture(T + ms);
  for (let ms = 6000; ms <= 7000; ms += STEP) {
    await until(
      async () => [await pictureShown(page, 'courtyard'), await pictureShown(page, 'gate')],
      ([a, b]) => a === shown(ms) && b === shown(ms),
    );
    await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.press('End');
  await until(
    async () => [await pictureShown(page, 'courtyard'), await pictureShown(page, 'gate')],
    ([a, b]) => a === shown(17_800) && b === shown(7800),
  );
  /* the gate has had nothing for ten seconds */
  await page.getByTestId('since').getByText('No picture since 09:00:07 CDT').waitFor();
  expect(await page.getByTestId('since').count()).toBe(1);
  await shot(page, 'together-since');
  expect(errors).toEqual([]);
});

test('they play on one clock, and the next stretch follows by itself', async () => {
  const { page } = await standing(16_000, ['courtyard', 'gate']);
  await page.keyboard.press('l');
  await until(
    () => overlay(page),
    (text) => text.includes('09:01:0') && text.includes('/ 25'),
  );
  await until(
    () => drawn(page, 'gate'),
    (n) => n >= 3,
  );
  /* what the courtyard had last is from the event before */
  await page.getByTestId('since').getByText('No picture since 09:00:17').waitFor();
  await page.keyboard.press('n');
  await until(
    () => overlay(page),
    (text) => text.includes('09:02:0') && text.includes('/ 20'),
  );
  await page.keyboard.press('n');
  await page.getByText('This is the newest event').waitFor();
  /* two steps back at once, while the server takes its time to say where to */
  await page.route('**/api/v1/events?*', async (route) => {
    await new Promise((done) => setTimeout(done, 200));
    await route.continue();
  });
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  await until(
    () => overlay(page),
    (text) => text.includes('/ 90'),
  );
});

test('one is made large by a click, a key or its button, and small again', async () => {
  const { page } = await standing(6000, ['courtyard', 'gate', 'yard']);
  const before = await tile(page, 'gate');
  await canvas(page, 'gate').click();
  const large = await until(
    () => tile(page, 'gate'),
    (box) => box.width > before.width * 1.3,
  );
  expect((await tile(page, 'courtyard')).width).toBeLessThan(large.width / 2);
  await shot(page, 'together-large');
  await canvas(page, 'gate').click();
  await until(
    () => tile(page, 'gate'),
    (box) => Math.abs(box.width - before.width) < 1,
  );
  await page.keyboard.press('3');
  await until(
    () => tile(page, 'yard'),
    (box) => box.width > before.width * 1.3,
  );
  await page.keyboard.press('3');
  const button = page.getByRole('button', { name: 'Make courtyard large' });
  await button.focus();
  await page.keyboard.press('Enter');
  await until(
    () => tile(page, 'courtyard'),
    (box) => box.width > before.width * 1.3,
  );
  expect(await button.getAttribute('aria-pressed')).toBe('true');
});

test('cameras are chosen while it plays; the address says which and stays at the moment', async () => {
  const { page } = await standing(8000, ['courtyard']);
  await page.getByLabel('Cameras shown: courtyard').click();
  await page.getByLabel('gate', { exact: true }).check();
  await until(
    () => page.locator('canvas').count(),
    (n) => n === 2,
  );
  await page.getByLabel('yard', { exact: true }).check();
  await until(
    () => page.locator('canvas').count(),
    (n) => n === 3,
  );
  await until(
    () => overlay(page),
    (text) => text.includes('09:00:08.000'),
  );
  expect(page.url()).toContain('camera=courtyard&camera=gate&camera=yard&at=2014-05-23T14:00:08');
  await page.getByLabel('courtyard', { exact: true }).uncheck();
  await page.getByLabel('yard', { exact: true }).uncheck();
  await until(
    () => page.getByLabel('gate', { exact: true }).isDisabled(),
    (disabled) => disabled,
  );
  await page.reload();
  await until(
    () => page.locator('canvas').count(),
    (n) => n === 1,
  );
  expect(page.url()).toContain('/play?camera=gate&at=');
});

test('scrubbing over a picture moves all of them; the wheel steps all', async () => {
  const { page } = await standing(6000, ['courtyard', 'gate']);
  const box = await tile(page, 'courtyard');
  await page.mouse.move(box.x + 400, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 400 - box.width / 6, box.y + box.height / 2, { steps: 6 });
  await page.mouse.up();
  const n = await until(
    () => drawn(page, 'gate'),
    (frame) => frame >= 12 && frame <= 18,
  );
  await page.mouse.wheel(0, 100);
  await until(
    () => drawn(page, 'gate'),
    (frame) => frame === n + 1,
  );
  /* before the courtyard's first frame there is nothing of it to show */
  await page.getByText('No pictures until then').waitFor();
});

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
] as const) {
  test(`two and three of them, ${name}`, async () => {
    for (const names of [
      ['courtyard', 'gate'],
      ['courtyard', 'gate', 'yard'],
    ]) {
      const { page } = await standing(7000, names, { viewport, colorScheme: 'dark' });
      await page.waitForTimeout(300);
      await shot(page, `together-${names.length}-${name}`);
      expect(await accessibility(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        viewport.width,
      );
      const [a, b] = [await tile(page, 'courtyard'), await tile(page, 'gate')];
      const stacked = viewport.width < 500;
      expect(Math.abs(a.x - b.x) < 1).toBe(stacked);
    }
  });
}

/* What is written on the pictures stays on its own, whatever their number and size. */
for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
  ['side', { width: 740, height: 360 }],
] as const) {
  test(`four and nine of them, ${name}`, async () => {
    const all = ['courtyard', 'gate', 'yard', ...others];
    for (const names of [all.slice(0, 4), all]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, errors } = await standing(7000, names, { viewport, colorScheme });
        for (const large of [false, true]) {
          if (large) await page.keyboard.press('2');
          await page.waitForTimeout(300);
          await shot(
            page,
            `together-${names.length}-${large ? 'large-' : ''}${name}-${colorScheme}`,
          );
          const astray = await page.evaluate(() =>
            [...document.querySelectorAll('.tile')].flatMap((tile) => {
              const outer = tile.getBoundingClientRect();
              return [...tile.querySelectorAll('.label, .label > :not(.long), .enlarge')]
                .map((one) => one.getBoundingClientRect())
                .filter((one) => one.width > 0)
                .filter((one) => one.left < outer.left - 1 || one.right > outer.right + 1)
                .map((one) => [tile.textContent, one.left - outer.left, one.width]);
            }),
          );
          expect(astray).toEqual([]);
        }
        expect(await accessibility(page)).toEqual([]);
        expect(errors).toEqual([]);
        await page.context().close();
      }
    }
  });
}
