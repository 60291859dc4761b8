/* Reviewed, pinned, notes; choosing many events and doing something to them; in two tabs at once. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, shot, stage, until, type Stage } from './harness.ts';

const HOUR = 3_600_000;
const DAY = Date.parse('2014-05-23T05:00:00Z');
let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.server.changes = [];
  it.server.refuse = 0;
  it.server.changeDelay = 0;
  it.world.notes = [];
  it.world.cameras = [
    {
      name: 'courtyard',
      timezone: 'UTC',
      bursts: Array.from({ length: 8 }, (_, i) => ({
        start: DAY + i * HOUR,
        frames: 10 + i,
        windows: [(i % 4) + 1],
      })),
    },
    {
      name: 'busy',
      timezone: 'UTC',
      bursts: Array.from({ length: 2500 }, (_, i) => ({
        start: Date.parse('2013-01-01T00:00:00Z') + i * 60_000,
        frames: 3,
        windows: [(i % 8) + 1],
      })),
    },
  ];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const FEW = '/events?camera=courtyard';
const MANY = '/events?camera=busy';
const cards = (page: Page) => page.locator('li a');
const card = (page: Page, n: number) => page.locator(`li[data-cell="${n}"] a`);
const box = (page: Page, n: number) => page.locator(`li[data-cell="${n}"]`).getByRole('checkbox');
const bar = (page: Page) => page.getByRole('region', { name: 'What to do with' });
const toast = (page: Page) => page.getByRole('region', { name: 'Messages' });
const total = (page: Page, n: string) => page.locator('.summary').getByText(`${n} event`).waitFor();
const chosen = (page: Page) => page.locator('li [role=checkbox][aria-checked=true]').count();
const open = async (path: string, options?: object) => {
  const opened = await it.open(path, options);
  await cards(opened.page).first().waitFor();
  return opened;
};

test('a box on a cover chooses; the bar marks reviewed, and undoes it', async () => {
  const { page, errors } = await open(FEW);
  await expect(box(page, 0)).toBeDefined();
  await card(page, 1).hover();
  await box(page, 1).click();
  await bar(page).getByText('1 chosen').waitFor();
  await card(page, 3).click(); /* once some are chosen, a click chooses */
  await bar(page).getByText('2 chosen').waitFor();
  expect(page.url()).toContain('/events');
  await shot(page, 'marks-chosen');
  expect(await accessibility(page)).toEqual([]);
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await toast(page).getByText('2 events marked reviewed').waitFor();
  expect(it.server.changes).toHaveLength(1);
  expect(await page.locator('li a.reviewed').count()).toBe(2);
  await bar(page).waitFor({ state: 'detached' });
  await shot(page, 'marks-reviewed');
  expect(await accessibility(page)).toEqual([]);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await until(
    () => page.locator('li a.reviewed').count(),
    (n) => n === 0,
  );
  await toast(page).getByText('Undone').waitFor();
  expect(errors).toEqual([]);
});

test('undoing leaves what was marked before as it was', async () => {
  it.world.mark([{ camera: 'courtyard', from: iso(DAY), to: iso(DAY + 2.5 * HOUR) }], {
    reviewed: true,
  });
  const { page } = await open(FEW);
  await total(page, '8');
  const reviewed = () => page.locator('li a.reviewed').count();
  expect(await reviewed()).toBe(3);
  await page.keyboard.press('Control+a');
  await bar(page).getByText('8 chosen').waitFor();
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await until(reviewed, (n) => n === 8);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await until(reviewed, (n) => n === 3);
});

test('the covers of a day can be chosen too', async () => {
  const { page, errors } = await open('/day/2014-05-23?camera=courtyard');
  await total(page, '8');
  await card(page, 1).hover();
  await box(page, 1).click();
  await card(page, 2).click({ modifiers: ['Shift'] });
  await bar(page).getByText('2 chosen').waitFor();
  expect(page.url()).toContain('/day/');
  expect(await accessibility(page)).toEqual([]);
  await shot(page, 'marks-day');
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await toast(page).getByText('2 events marked reviewed').waitFor();
  await until(
    () => page.locator('li a.reviewed').count(),
    (n) => n === 2,
  );
  /* Another window: another list, of which nothing is chosen. */
  await card(page, 4).focus();
  await page.keyboard.press('Space');
  await bar(page).getByText('1 chosen').waitFor();
  await page.getByRole('button', { name: 'Window 1', exact: true }).click();
  await bar(page).waitFor({ state: 'detached' });
  expect(errors).toEqual([]);
});

test('a filter leaves what is to be seen, which goes as it is marked', async () => {
  it.world.mark([{ camera: 'courtyard', from: iso(DAY), to: iso(DAY + 3.5 * HOUR) }], {
    reviewed: true,
  });
  const { page } = await open(FEW);
  await total(page, '8');
  expect(await page.locator('li a.reviewed').count()).toBe(4);
  await page.getByRole('button', { name: 'Not reviewed', exact: true }).click();
  await total(page, '4');
  expect(new URL(page.url()).search).toBe('?camera=courtyard&reviewed=false');
  await until(
    () => page.locator('li a.reviewed').count(),
    (n) => n === 0,
  );
  await card(page, 0).focus();
  await page.keyboard.press('Space');
  await bar(page).getByText('1 chosen').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+Space');
  await bar(page).getByText('2 chosen').waitFor();
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await total(page, '2');
  await until(
    () => cards(page).count(),
    (n) => n === 2,
  );
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await total(page, '4');
  await page.reload();
  await total(page, '4');
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('button', { name: 'Reviewed', exact: true }).click();
  await total(page, '4');
  expect(new URL(page.url()).search).toContain('reviewed=true');
  await page.getByRole('button', { name: 'Reviewed', exact: true }).click();
  await total(page, '8');
});

test('shift chooses a range, ctrl and A what is loaded, escape nothing', async () => {
  const { page } = await open(FEW);
  await card(page, 1).click({ modifiers: ['Shift'] });
  await card(page, 4).click({ modifiers: ['Shift'] });
  await bar(page).getByText('4 chosen').waitFor();
  await card(page, 2).click();
  await bar(page).getByText('3 chosen').waitFor();
  await page.keyboard.press('Control+a');
  await bar(page).getByText('8 chosen').waitFor();
  expect(await chosen(page)).toBe(8);
  await page.keyboard.press('Escape');
  await bar(page).waitFor({ state: 'detached' });
  expect(await chosen(page)).toBe(0);
  expect(page.url()).toContain('/events');
});

test('all that match, also those not read: in several requests, with progress', async () => {
  const { page, errors } = await open(MANY);
  await total(page, '2,500');
  await page.keyboard.press('Control+a');
  await bar(page).getByRole('button', { name: 'Choose all 2,500 that match' }).click();
  await bar(page).getByText('All 2,500 that match are chosen').waitFor();
  it.server.changeDelay = 250;
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await bar(page).getByText('Marking reviewed: 1,000 of 2,500').waitFor();
  await toast(page).getByText('2,500 events marked reviewed').waitFor();
  expect(it.server.changes.map(({ body }) => body.stretches?.length)).toEqual([1000, 1000, 500]);
  const marked = it.server.changes.flatMap(({ body }) => body.stretches ?? []);
  expect(new Set(marked.map(({ from }) => from)).size).toBe(2500);
  await page.getByRole('button', { name: 'Not reviewed', exact: true }).click();
  await page.getByText('No event fits').waitFor();
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await total(page, '2,500');
  expect(it.server.changes.slice(3).map(({ body }) => body.stretches?.length)).toEqual([
    1000, 1000, 500,
  ]);
  expect(errors).toEqual([]);
});

test('long work can be stopped; what was done stays done', async () => {
  const { page } = await open(`${MANY}&reviewed=false`);
  await total(page, '2,500');
  await page.keyboard.press('Control+a');
  await bar(page).getByRole('button', { name: 'Choose all 2,500' }).click();
  it.server.changeDelay = 600;
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await bar(page).getByText('1,000 of').waitFor();
  await bar(page).getByRole('button', { name: 'Stop' }).click();
  await toast(page).getByText('Stopped after 1,000 events').waitFor();
  it.server.changeDelay = 0;
  await page.reload();
  /* One more request may have been under way. */
  await page
    .locator('.summary')
    .getByText(/^(1,500|500) events/)
    .waitFor();
});

test('deleting asks when it is much, says what it freed, and can be undone', async () => {
  const { page, errors } = await open(FEW);
  it.world.mark([{ camera: 'courtyard', from: iso(DAY), to: iso(DAY) }], { pinned: true });
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await toast(page).getByText('8 events deleted').waitFor();
  expect(await toast(page).innerText()).toContain('10 pinned frames kept');
  await total(page, '1');
  await until(
    () => cards(page).count(),
    (n) => n === 1,
  );
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await toast(page).getByText('Everything deleted is back').waitFor();
  await total(page, '8');
  await page.goto(`${it.server.url}${MANY}`);
  await total(page, '2,500');
  await page.keyboard.press('Control+a');
  await bar(page).getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await shot(page, 'marks-ask');
  expect(await accessibility(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(it.server.changes.filter(({ call }) => call === '/deletions')).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('two tabs agree, whoever does what', async () => {
  const one = (await open(FEW)).page;
  const other = (await open(`${FEW}&reviewed=false`)).page;
  await total(other, '8');
  await card(one, 0).hover();
  await box(one, 0).click();
  await bar(one).getByRole('button', { name: 'Mark reviewed' }).click();
  await total(other, '7');
  await other.keyboard.press('Control+a');
  await bar(other).getByText('7 chosen').waitFor();
  /* Both delete the same: what the other tab took away is chosen no more. */
  await box(one, 2).click();
  await box(one, 3).click();
  await bar(one).getByRole('button', { name: 'Delete' }).click();
  await total(one, '6');
  await total(other, '5');
  await bar(other).getByText('5 chosen').waitFor();
  await bar(other).getByRole('button', { name: 'Delete' }).click();
  await other.getByText('No event fits').waitFor();
  await total(one, '1');
  await toast(one).getByRole('button', { name: 'Undo' }).last().click();
  await total(one, '3');
  await total(other, '2');
});

test('what the server refuses is said, and shown as it really is', async () => {
  const { page } = await open(FEW);
  it.server.refuse = 1;
  await page.keyboard.press('Control+a');
  await bar(page).getByRole('button', { name: 'Mark reviewed' }).click();
  await toast(page).getByText('This could not be marked: the disk is full').waitFor();
  await until(
    () => page.locator('li a.reviewed').count(),
    (n) => n === 0,
  );
  await bar(page).getByText('8 chosen').waitFor(); /* to try again */
  await bar(page).getByRole('button', { name: 'Pin' }).click();
  await toast(page).getByText('8 events pinned').waitFor();
});

test('a note is written on an event, shown on it, changed, and erased', async () => {
  const { page, errors } = await open(FEW);
  await card(page, 2).hover();
  await box(page, 2).click();
  await bar(page).getByRole('button', { name: 'Note' }).click();
  await page.getByLabel('New note').fill('the postman\nwith a parcel');
  await page.keyboard.press('Control+Enter');
  await page.getByText('with a parcel').waitFor();
  await shot(page, 'marks-note');
  expect(await accessibility(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('li[data-cell="2"] .said[title*="postman"]').waitFor();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('button', { name: 'With note' }).click();
  await total(page, '1');
  await card(page, 0).hover();
  await box(page, 0).click();
  await bar(page).getByRole('button', { name: 'Note' }).click();
  await page.getByRole('button', { name: 'Change note: the postman' }).click();
  expect(await page.getByLabel('Change the note').inputValue()).toBe('the postman\nwith a parcel');
  await page.getByLabel('Change the note').fill('nobody');
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(await page.getByLabel('New note').inputValue()).toBe('');
  await page.getByRole('button', { name: 'Change note: the postman' }).click();
  await page.getByLabel('Change the note').fill('the neighbour');
  await shot(page, 'marks-note-change');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.getByRole('listitem').getByText('the neighbour').waitFor();
  expect(it.world.notes.map(({ text }) => text)).toEqual(['the neighbour']);
  await page.getByRole('button', { name: 'Erase note: the neighbour' }).click();
  await page.getByText('No notes on this event yet.').waitFor();
  await page.getByText('No event fits').waitFor();
  expect(errors).toEqual([]);
});

test('with a finger: a long touch chooses, then a tap does', async () => {
  const { page, errors } = await open(FEW, {
    hasTouch: true,
    isMobile: true,
    viewport: { width: 360, height: 740 },
  });
  const hold = async (n: number, ms: number) => {
    const place = await card(page, n).boundingBox();
    const touch = await page.context().newCDPSession(page);
    const x = (place?.x ?? 0) + 60;
    const y = (place?.y ?? 0) + 40;
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    await page.waitForTimeout(ms);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await hold(0, 700);
  await bar(page).getByText('1 chosen').waitFor();
  expect(page.url()).toContain('/events');
  await hold(1, 50);
  await bar(page).getByText('2 chosen').waitFor();
  await shot(page, 'marks-phone');
  expect(await accessibility(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await hold(1, 50);
  await bar(page).getByText('1 chosen').waitFor();
  await bar(page).getByRole('button', { name: 'Choose none' }).click();
  await hold(1, 50);
  await page.waitForURL('**/play?**');
  expect(errors).toEqual([]);
});

test('in the dark', async () => {
  it.world.mark([{ camera: 'courtyard', from: iso(DAY), to: iso(DAY + 5.5 * HOUR) }], {
    reviewed: true,
    pinned: true,
  });
  it.world.notes = [
    {
      id: 1,
      camera: 'courtyard',
      from: iso(DAY),
      to: iso(DAY + 1),
      text: 'seen',
      changed: iso(DAY),
    },
  ];
  const { page } = await open(FEW, { colorScheme: 'dark' });
  await page.keyboard.press('Control+a');
  await bar(page).getByText('8 chosen').waitFor();
  await shot(page, 'marks-dark');
  expect(await accessibility(page)).toEqual([]);
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
