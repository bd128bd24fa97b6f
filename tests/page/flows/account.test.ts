// What people see to about themselves: their password, their tokens, and why they may ask for something or not.
import { describe, expect, test } from 'vitest';

import { fillIn, problemAt, tapChip } from '../office/forms';
import { hasFocus } from '../office/keyboard';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';
import { password } from '../office/people';

const office = useOffice();

describe('A password', () => {
  test('is changed, which signs its owner out everywhere else', async () => {
    office.watch.allow(/status of 403.*me\/password/);
    const before = await office.cookie('carol');
    const page = await office.at('/account', 'carol', 'phone');
    const form = page.getByRole('form', { name: 'Change your password' });
    await fillIn(form, 'Password that you have now', 'not the right one');
    await fillIn(form, 'New password', 'another horse another battery');
    await fillIn(form, 'New password, once more', 'another horse another battery');
    await form.getByRole('button', { name: 'Change the password' }).click();
    await page
      .getByText(/password.*(wrong|not)/i)
      .first()
      .waitFor();
    await fillIn(form, 'Password that you have now', password);
    await form.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed').waitFor();
    expect((await office.anonymous(before).send('GET', '/api/v1/me')).status).toBe(401);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  });

  test('that is too short is refused at its field, without asking the server', async () => {
    const page = await office.at('/account', 'alice');
    const form = page.getByRole('form', { name: 'Change your password' });
    await fillIn(form, 'Password that you have now', password);
    await fillIn(form, 'New password', 'short');
    await form.getByRole('button', { name: 'Change the password' }).click();
    const field = form.getByLabel('New password', { exact: true });
    await form.locator('[aria-invalid=true]').first().waitFor();
    expect(await problemAt(field)).toMatch(/12 characters/);
    expect(await hasFocus(field)).toBe(true);
  });
});

describe('A token', () => {
  test('is made with the scopes that were chosen, shown once, and dead when it is revoked', async () => {
    const page = await office.at('/account', 'bob', 'phone');
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog', { name: 'New token' });
    expect(await hasFocus(dialog.getByLabel('Name', { exact: true }))).toBe(true);
    await fillIn(dialog, 'Name', 'nightly report');
    await dialog.getByRole('checkbox', { name: 'Review' }).check();
    await tapChip(dialog, 'How long it lasts', '1 d');
    await expectToLookRight(page, 'token-new', 'dialog');
    await dialog.getByRole('button', { name: 'Make the token' }).click();
    const shown = page.getByRole('dialog', { name: 'Token nightly report' });
    const secret = (await shown.getByLabel('the token').innerText()).trim();
    await expectToLookRight(page, 'token-made', 'dialog');
    await shown.getByRole('button', { name: 'Done' }).click();
    expect(await page.content()).not.toContain(secret);
    const bearer = { Authorization: `Bearer ${secret}` };
    const me = await office.anonymous().send('GET', '/api/v1/me', undefined, bearer);
    expect(JSON.parse(me.text)).toMatchObject({ user: 'bob', via: 'token', scopes: ['read', 'review'] });
    await expectToLookRight(page, 'account');

    await page.getByRole('button', { name: 'Revoke nightly report' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Token nightly report is revoked').waitFor();
    expect((await office.anonymous().send('GET', '/api/v1/me', undefined, bearer)).status).toBe(401);
  });
});

describe('The explanation', () => {
  test('tells somebody whether they may ask, and who would decide', async () => {
    const page = await office.at('/explain', 'alice', 'phone');
    await fillIn(page, 'Resource', 'prod-orders');
    await page.getByRole('button', { name: 'Explain' }).click();
    const verdict = page.locator('.verdict');
    await verdict.waitFor();
    expect(await verdict.innerText()).toMatch(/^Yes/);
    await page.getByText('Who would have to approve').waitFor();
    await page
      .getByText(/one of dba/)
      .first()
      .waitFor();
    await expectToLookRight(page, 'explain');
  });

  test('tells an administrator about anybody, at an address that can be sent on', async () => {
    const page = await office.at('/explain', 'ada');
    await fillIn(page, 'User', 'sue');
    await fillIn(page, 'Resource', 'prod-orders');
    await page.getByRole('button', { name: 'Explain' }).click();
    const verdict = page.locator('.verdict');
    await verdict.waitFor();
    expect(await verdict.innerText()).toMatch(/^No/);
    await page.getByText('sue is in none of these groups').first().waitFor();
    expect(new URL(page.url()).search).toMatch(/user=sue/);
    await expectToLookRight(page, 'explain-no');
    await page.reload();
    await verdict.waitFor();
  });
});
