// Without a mouse, with a window that shows little, and for those whom motion makes ill.
import { describe, expect, test } from 'vitest';

import { ask } from '../office/access';
import { hasFocus, tabTo, unseenFocus } from '../office/keyboard';
import { sticksOut } from '../office/looks';
import { useOffice } from '../office/office';
import { password } from '../office/people';
import { notSignedIn } from '../office/sign_in';

const office = useOffice();

describe('By the keyboard alone', () => {
  test('one signs in', async () => {
    office.watch.allow(notSignedIn);
    await office.cookie('bob');
    const page = await office.stranger('desk', '/sign-in');
    const name = page.getByLabel('Name', { exact: true });
    await name.waitFor();
    await tabTo(page, name);
    await page.keyboard.type('bob');
    await tabTo(page, page.getByLabel('Password', { exact: true }));
    await page.keyboard.type(password);
    await tabTo(page, page.getByRole('button', { name: 'Sign in', exact: true }));
    await page.keyboard.press('Enter');
    await page.waitForURL('/requests');
  });

  test.each(['desk', 'phone'] as const)('one approves a request, at the %s', async (size) => {
    const id = await ask(office, 'prod-orders');
    const page = await office.at('/requests', 'bob', size);
    const button = page.getByRole('button', { name: `Approve ${id}` });
    await button.waitFor();
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Approve ${id}` });
    await dialog.waitFor();
    expect(await unseenFocus(page)).toBeUndefined();
    expect(await hasFocus(dialog.getByRole('button', { name: 'Approve for 1 h' }))).toBe(true);

    // Escape leaves it as it was, and the focus is back where it came from.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await hasFocus(button)).toBe(true);
    expect((await office.admin.get(`/requests/${id}`)).status).toBe('PENDING');

    // A shorter duration by the arrow keys, and the comment by Shift+Tab and back.
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByRole('radio', { checked: true }), 'Shift+Tab');
    await page.keyboard.press('ArrowLeft');
    const shorter = dialog.getByRole('button', { name: 'Approve for 30 min' });
    await tabTo(page, shorter);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Nothing waits for you').waitFor();
    expect(await office.admin.get(`/requests/${id}`)).toMatchObject({ status: 'APPROVED', granted: '30m' });
    // Its button is gone with its card; the focus is somewhere from where one goes on, not at the top of everything.
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });

  test('the focus stays in a dialog', async () => {
    const id = await ask(office, 'prod-orders');
    const page = await office.at(`/requests/${id}`, 'bob');
    await page.getByRole('button', { name: `Reject ${id}` }).click();
    const dialog = page.getByRole('dialog');
    for (let stops = 0; stops < 12; ++stops) {
      await page.keyboard.press('Tab');
      expect(await unseenFocus(page)).toBeUndefined();
      // Beyond its last control it is the browser's own turn, and then the dialog's again.
      const inside = await dialog.evaluate(
        (element) => element.contains(document.activeElement) || document.activeElement === document.body,
      );
      expect(inside).toBe(true);
    }
  });

  test.each([
    ['/requests?view=all', 'bob'],
    ['/requests/new', 'alice'],
    ['/rules?new=1', 'ada'],
    ['/account', 'alice'],
  ] as const)('each stop on %s is seen', async (path, name) => {
    const page = await office.at(path, name, 'phone');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    const seen = new Set<string>();
    for (let stops = 0; stops < 60; ++stops) {
      await page.keyboard.press('Tab');
      expect(await unseenFocus(page)).toBeUndefined();
      const at = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200) ?? '');
      if (at.startsWith('<body')) break;
      seen.add(at);
    }
    expect(seen.size).toBeGreaterThan(4);
  });
});

describe('At 200 % and 400 %', () => {
  test.each(['/requests', '/requests/new', '/account', '/explain'])(
    '%s needs no horizontal scrolling',
    async (path) => {
      const page = await office.at(path, 'alice');
      for (const width of [640, 320]) {
        await page.setViewportSize({ width, height: 512 });
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(await sticksOut(page)).toEqual([]);
      }
    },
  );
});
