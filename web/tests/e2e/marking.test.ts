/* What one does with events in the player, on the built program: two tabs see the same. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EventItem } from '../../src/api/types.ts';
import { accessibility, launch, openPage, shot, until } from './harness.ts';
import { Program, programRuns } from './program.ts';

describe.runIf(programRuns)('events in the player', () => {
  let browser: Browser;
  let it: Program;
  let events: EventItem[] = [];

  beforeAll(async () => {
    it = new Program();
    it.simulate(
      '--cameras',
      '1',
      '--start',
      '2014-05-23T14:00:00Z',
      '--seconds',
      '1200',
      '--activity',
      '60',
    );
    await it.start(100, '--manage', it.pictures);
    browser = await launch();
    ({ events } = await it.ask('/api/v1/events'));
    if (events.length < 5) throw new Error(`only ${events.length} events`);
  });
  afterAll(async () => {
    await browser?.close();
    it?.stop();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  const overlay = (page: Page) => page.getByTestId('overlay').innerText({ timeout: 3000 });
  const frames = (n: number) => `/ ${events[n]?.frames}`;
  const start = (n: number) => events[n]?.start ?? '';
  async function openEvent(n: number, options = {}) {
    const opened = await openPage(
      browser,
      `${it.url}/play?camera=${events[n]?.camera}&at=${start(n)}`,
      options,
    );
    await until(
      () => overlay(opened.page),
      (text) => text.includes(frames(n)),
    );
    await opened.page.keyboard.press('ArrowRight');
    return opened;
  }
  const now = async (n: number) => {
    const answer = await it.ask('/api/v1/events', `?from=${start(n)}&to=${events[n]?.end}`);
    return answer.events[0];
  };
  const pressed = (page: Page, name: RegExp) =>
    page.getByRole('button', { name }).getAttribute('aria-pressed');

  test('reviewed and pinned by key and by button; a second tab follows', async () => {
    const { page, errors } = await openEvent(0);
    const { page: other } = await openEvent(0);
    await other.waitForTimeout(500); /* its live connection */
    await page.keyboard.press('r');
    await page.getByText('Marked as reviewed', { exact: true }).waitFor();
    expect((await now(0))?.reviewed).toBe(true);
    await until(
      () => pressed(other, /^Mark as reviewed/),
      (value) => value === 'true',
    );
    await other.getByRole('button', { name: /^Pin:/ }).click();
    await until(
      () => pressed(page, /^Pin:/),
      (value) => value === 'true',
    );
    expect(await now(0)).toMatchObject({ reviewed: true, pinned: true });
    await page.keyboard.press('Delete');
    await page.getByText('this event is pinned').waitFor();
    expect((await now(0))?.frames).toBe(events[0]?.frames);
    await page.keyboard.press('r');
    await page.keyboard.press('i');
    await until(
      () => now(0),
      (event) => event?.reviewed === false && !event.pinned,
    );
    await page.reload();
    await until(
      () => pressed(page, /^Pin:/),
      (value) => value === 'false',
    );
    expect(errors).toEqual([]);
  });

  test('a note is written, changed, listed and erased', async () => {
    const { page } = await openEvent(1, { colorScheme: 'dark' });
    await page.keyboard.press('m');
    await page.getByLabel('New note').fill('A fox with <b>two</b> cubs');
    await page.keyboard.press('Control+Enter');
    await page.getByText('A fox with <b>two</b> cubs').waitFor();
    await shot(page, 'play-notes');
    expect(await accessibility(page)).toEqual([]);
    await page.getByRole('button', { name: /^Change note: A fox/ }).click();
    await page.getByLabel('Change the note').fill('A fox with three cubs');
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.getByText('A fox with three cubs').waitFor();
    expect((await now(1))?.notes.map((note) => note.text)).toEqual(['A fox with three cubs']);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Notes: 1 (m)' }).click();
    await page.getByRole('button', { name: /^Erase note/ }).click();
    await page.getByText('No notes on this event yet.').waitFor();
    expect((await now(1))?.notes).toEqual([]);
  });

  test('deleted, it goes on to the next; undo brings it back and shows it', async () => {
    const { page, errors } = await openEvent(2);
    const { page: other } = await openEvent(2);
    await other.waitForTimeout(500);
    await page.keyboard.press('Delete');
    await until(
      () => overlay(page),
      (text) => text.includes(frames(3)),
    );
    await page.getByText(/pictures deleted/).waitFor();
    await shot(page, 'play-deleted');
    /* who was looking at it elsewhere is told, and can have it back */
    await other.getByText('This event was deleted').waitFor();
    await shot(other, 'play-gone-elsewhere');
    expect(await accessibility(other)).toEqual([]);
    await page.keyboard.press('p');
    await until(
      () => overlay(page),
      (text) => text.includes(frames(1)),
    );
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(
      () => overlay(page),
      (text) => text.includes(frames(2)),
    );
    await until(
      () => overlay(other).catch(() => ''),
      (text) => text.includes(frames(2)),
    );
    expect((await now(2))?.frames).toBe(events[2]?.frames);
    expect(errors.filter((text) => !text.includes('410'))).toEqual([]);
  });

  test('two tabs delete the same event: one does, the other finds it done', async () => {
    const { page } = await openEvent(4);
    const { page: other } = await openEvent(4);
    await Promise.all([page.keyboard.press('Delete'), other.keyboard.press('Delete')]);
    await until(
      async () => [
        await page.locator('[data-testid=overlay]').count(),
        await other.locator('[data-testid=overlay]').count(),
        (await now(4))?.start === start(4),
      ],
      ([a, b, there]) => a === 1 && b === 1 && there === false,
    ).catch(async () => {
      /* the one that came too late says so and offers the way back */
      expect(
        (await page.getByText('This event was deleted').count()) +
          (await other.getByText('This event was deleted').count()) +
          (await page.getByText('nothing left to delete').count()) +
          (await other.getByText('nothing left to delete').count()),
      ).toBeGreaterThan(0);
    });
    const { deletions } = (await (await fetch(`${it.url}/api/v1/deletions`)).json()) as {
      deletions: { id: string; frames: number }[];
    };
    expect(deletions.reduce((sum, one) => sum + one.frames, 0)).toBe(events[4]?.frames);
  });

  test('export opens on this event', async () => {
    const { page } = await openEvent(0);
    await page.keyboard.press('e');
    await page.getByRole('dialog').waitFor();
    expect(await page.getByRole('dialog').innerText()).toContain(`${events[0]?.frames} pictures`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('the program stops and starts while it plays: it goes on by itself', async () => {
    const { page } = await openEvent(0);
    await it.pause();
    await page.keyboard.press('n');
    await page.waitForTimeout(1500);
    it.resume();
    /* who asks for the next one before it answers is told so, and stays */
    await until(
      () =>
        it.ask('/api/v1/cameras').then(
          () => true,
          () => false,
        ),
      (up) => up,
      15_000,
    );
    await until(
      async () =>
        (await page
          .locator('canvas')
          .getAttribute('data-frame')
          .catch(() => '-1')) ?? '-1',
      (n) => Number(n) >= 0,
      15_000,
    );
    await page.keyboard.press('n');
    await until(
      () => overlay(page).catch(() => ''),
      (text) => /\/ \d+/.test(text) && !text.includes(frames(0)),
      10_000,
    );
  });
});
