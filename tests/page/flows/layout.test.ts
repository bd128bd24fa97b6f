// What stands around every view: navigation, colours, keyboard.
import { describe, expect, test } from 'vitest';

import { hasFocus, tabTo } from '../office/keyboard';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

const forEverybody = ['Requests', 'New request', 'Sessions', 'Explain', 'Account'];
const forAdministrators = [
  'Rules',
  'Resources',
  'Users',
  'Groups',
  'Timeline',
  'Recordings',
  'Reports',
  'Audit',
  'Nodes',
];

describe('The navigation', () => {
  test.each([
    ['alice', forEverybody],
    ['ada', [...forEverybody, ...forAdministrators]],
  ] as const)('offers %s what they may see, and each leads somewhere', async (name, wanted) => {
    const page = await office.at('/requests', name);
    const links = page.getByRole('navigation', { name: 'Main' }).first().getByRole('link');
    await links.first().waitFor();
    const labels = (await links.allInnerTexts()).map((label) => label.trim());
    expect(labels.sort()).toEqual([...wanted].sort());
    for (const label of labels) {
      await links.filter({ hasText: new RegExp(`^${label}$`) }).click();
      const heading = page.getByRole('heading', { level: 1 });
      await heading.waitFor();
      expect(await hasFocus(heading)).toBe(true);
      expect(await page.title()).toBe(`${await heading.innerText()} · Curfew`);
    }
  });

  test('is a sheet on a phone, which Escape leaves for where one was', async () => {
    const page = await office.at('/requests', 'ada', 'phone');
    const more = page.getByRole('button', { name: 'More' });
    await more.click();
    const sheet = page.getByRole('dialog', { name: 'Curfew' });
    await sheet.waitFor();
    await expectToLookRight(page, 'navigation-sheet', 'dialog');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    expect(await hasFocus(more)).toBe(true);
    await more.click();
    await sheet.getByRole('link', { name: 'Account' }).click();
    await page.waitForURL('/account');
    await sheet.waitFor({ state: 'detached' });
  });

  test('lets the keyboard skip it', async () => {
    const page = await office.at('/requests', 'alice');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    await tabTo(page, skip);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  test('says so where there is no such page, and where it is for administrators', async () => {
    office.watch.allow(/status of 404/);
    const page = await office.at('/no/such/page', 'alice');
    await page.getByText('There is no such page').waitFor();
    await expectToLookRight(page, 'not-found');
    await page.goto('/rules');
    await page.getByText('Only administrators see this page').waitFor();
    await expectToLookRight(page, 'for-administrators');
  });
});

describe('The colours', () => {
  test("are the system's, unless one chooses, and the choice lasts", async () => {
    const page = await office.at('/requests', 'alice');
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const choice = page.getByLabel('Colours');
    await choice.waitFor();
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background();
    expect(dark).not.toBe(light);
    await choice.selectOption('Light');
    expect(await background()).toBe(light);
    await page.reload();
    await choice.waitFor();
    expect(await background()).toBe(light);
    await choice.selectOption('System');
    expect(await background()).toBe(dark);
  });
});

describe('For those whom motion makes ill', () => {
  test('nothing moves', async () => {
    const page = await office.at('/requests', 'ada', 'phone');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('dialog').waitFor();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
        const lasting = [animationName === 'none' ? '0s' : animationDuration, transitionDuration]
          .flatMap((list) => list.split(','))
          .some((time) => parseFloat(time) * (time.trim().endsWith('ms') ? 1 : 1000) > 1);
        return lasting ? [element.outerHTML.slice(0, 80)] : [];
      }),
    );
    expect(moving).toEqual([]);
  });
});
