/* From the event browser into the player: next and previous go on in the order of that list. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { stage, until, type Stage } from './harness.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
/* 80 events of each of two cameras; the longer, the later, in turns. More than a page of the list. */
const size = (i: number) => 3 + ((i * 37) % 80);
const burstsOf = (offset: number) =>
  Array.from({ length: 80 }, (_, i) => ({
    start: T + offset + i * 120_000,
    frames: size(i),
    windows: i % 2 ? [3] : [],
  }));
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      { name: 'courtyard', timezone: 'America/Chicago', bursts: burstsOf(0) },
      { name: 'gate', timezone: 'America/Chicago', bursts: burstsOf(60_000) },
    ];
  });
});
afterAll(() => it.close());
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

/* What the server says the list is. */
async function listed(query: string): Promise<string[]> {
  const answer = await fetch(`${it.server.url}/api/v1/events?limit=1000&${query}`);
  const { events } = (await answer.json()) as {
    events: { camera: string; start: string; frames: number }[];
  };
  return events.map((event) => `${event.camera} ${event.frames}`);
}

/* Which one is shown: its camera and how many frames it has. */
async function shown(page: Page): Promise<string> {
  const heading = await page.locator('h1').innerText();
  const overlay = await page.getByTestId('overlay').innerText({ timeout: 3000 });
  return `${heading.split(/\s/)[0]} ${/\/ (\d+)/.exec(overlay)?.[1] ?? ''}`;
}
const at = (page: Page, expected: string | undefined) =>
  until(
    () => shown(page).catch(() => ''),
    (text) => text === expected,
  );

test('by length: n and p follow the list from camera to camera, and its end is said', async () => {
  const { page, errors } = await it.open('/events?sort=-frames');
  const list = await listed('sort=-frames');
  expect(list).toHaveLength(160);
  await page.locator('li a').first().click();
  await at(page, list[0]);
  expect(page.url()).toContain('sort=-frames');
  await page.keyboard.press('k');
  await page.getByText('Event 1 of 160').waitFor();
  for (const next of list.slice(1, 5)) {
    await page.keyboard.press('n');
    await at(page, next);
  }
  await page.getByText('Event 5 of 160').waitFor();
  await page.keyboard.press('p');
  await at(page, list[3]);
  /* the address alone is enough to go on, also for one who never saw the list */
  await page.waitForTimeout(600);
  await page.reload();
  await at(page, list[3]);
  await page.keyboard.press('n');
  await at(page, list[4]);
  await page.waitForTimeout(600);
  await page.goto(page.url().replace('sort=-frames', 'sort=frames'));
  await at(page, list[4]);
  await page.keyboard.press('n');
  await at(page, list[3]);
  expect(errors).toEqual([]);
});

test('it goes on across the pages of the list, and stops at its end', async () => {
  const list = await listed('sort=-duration');
  const last = (await (
    await fetch(`${it.server.url}/api/v1/events?limit=1000&sort=-duration`)
  ).json()) as { events: { camera: string; start: string }[] };
  for (const n of [59, 158]) {
    const event = last.events[n];
    const { page } = await it.open(
      `/play?camera=${event?.camera}&at=${event?.start}&sort=-duration`,
    );
    await at(page, list[n]);
    await page.getByText(`Event ${n + 1} of 160`).waitFor();
    await page.keyboard.press('n');
    await at(page, list[n + 1]);
    if (n < 158) continue;
    await page.keyboard.press('k');
    await page.keyboard.press('n');
    await page.getByText('This is the last event of the list').waitFor();
  }
});

test('latest first, with a filter: what plays by itself is the one before in time', async () => {
  const { page } = await it.open('/events?camera=courtyard&camera=gate&window=3');
  const list = await listed('sort=-time&window=3');
  expect(list).toHaveLength(80);
  await page.locator('li a').nth(2).click();
  await at(page, list[2]);
  await page.getByText('Event 3 of 80').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('l');
  await page.keyboard.press('End');
  await at(page, list[3]);
  await page.getByText('Event 4 of 80').waitFor();
  await page.getByRole('link', { name: 'Events', exact: true }).last().click();
  await page.waitForSelector('li a');
  expect(page.url()).toContain('/events?camera=courtyard&camera=gate&window=3');
});
