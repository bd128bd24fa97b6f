// Signing in with a password, signing out, and links that survive it.
import { describe, expect, test } from 'vitest';

import { fillIn } from '../office/forms';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';
import { password } from '../office/people';
import { notSignedIn, signInWithPassword } from '../office/sign_in';

const office = useOffice();

describe('Signing in with a password', () => {
  test('leads to the requests, and signing out leads back', async () => {
    office.watch.allow(notSignedIn);
    await office.api('alice').get('/me');
    const page = await office.stranger('desk', '/');
    await page.waitForURL('/sign-in');
    await expectToLookRight(page, 'sign-in');
    await signInWithPassword(page, 'alice', password);
    await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/requests');
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
      { name: 'curfew', httpOnly: true, sameSite: 'Strict' },
    ]);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('/sign-in');
    expect(await page.context().cookies()).toEqual([]);
    const value = cookies[0]?.value;
    expect((await office.anonymous(`curfew=${value}`).send('GET', '/api/v1/me')).status).toBe(401);
  });

  test('says what is wrong with a wrong password, and keeps what was typed', async () => {
    office.watch.allow(notSignedIn, /status of 401.*sign-in\/password/);
    await office.api('alice').get('/me');
    const page = await office.stranger('phone', '/sign-in');
    await signInWithPassword(page, 'alice', 'not the right one');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/wrong name or password/i);
    await expectToLookRight(page, 'sign-in-refused');
    await fillIn(page, 'Password', password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
  });

  test('goes on to the request that a link named', async () => {
    office.watch.allow(notSignedIn);
    const asked = await office
      .api('alice')
      .post('/requests', { resource: 'prod-ledger', duration: '1h', reason: 'OPS-1' });
    await office.api('bob').get('/me');
    const page = await office.stranger('phone', asked.view.url);
    await page.waitForURL(/\/sign-in\?return_to=/);
    await signInWithPassword(page, 'bob', password);
    await page.waitForURL(`/requests/${asked.id}`);
    await page.getByText('OPS-1').first().waitFor();
  });

  test('goes nowhere but to this server afterwards', async () => {
    office.watch.allow(notSignedIn);
    await office.api('alice').get('/me');
    const page = await office.stranger('desk', '/sign-in?return_to=https://elsewhere.example/');
    await signInWithPassword(page, 'alice', password);
    await page.waitForURL('/requests');
  });
});

describe('A one-time link', () => {
  test('lets somebody choose a password, once, and leaves no code in the address', async () => {
    office.watch.allow(notSignedIn, /status of 401.*sign-in\/one-time/);
    const { url } = await office.admin.post('/users/dan/one-time-link');
    const page = await office.stranger('phone', url);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    expect(page.url()).toBe(`${office.origin}/sign-in`);
    await expectToLookRight(page, 'choose-password');
    await fillIn(page, 'New password', 'too short');
    await fillIn(page, 'The same password again', 'too short');
    await page.getByRole('button', { name: /^Set the password/ }).click();
    await page.getByText('Choose 12 characters at least').waitFor();
    expect(await page.getByLabel('New password').getAttribute('aria-invalid')).toBe('true');
    await fillIn(page, 'New password', password);
    await fillIn(page, 'The same password again', password);
    await page.getByRole('button', { name: /^Set the password/ }).click();
    await page.waitForURL('/requests');

    const late = await office.stranger('desk', url);
    await fillIn(late, 'New password', password);
    await fillIn(late, 'The same password again', password);
    await late.getByRole('button', { name: /^Set the password/ }).click();
    expect(await late.getByRole('alert').innerText()).toMatch(/link/i);
  });
});
