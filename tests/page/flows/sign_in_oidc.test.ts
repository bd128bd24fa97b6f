// Signing in at an OpenID provider, over TLS, as most people do.
import { describe, expect, test } from 'vitest';

import type { Page } from '../office/browser';
import { useOffice } from '../office/office';
import { password } from '../office/people';
import { notSignedIn, signInWithPassword } from '../office/sign_in';

const office = useOffice({ provider: true });

// At the provider's own pages: says who one is, and that Curfew may know.
async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any will do');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

describe('Signing in at the provider', () => {
  test('comes back to where the link led, with a cookie for this host alone', async () => {
    office.watch.allow(notSignedIn);
    const asked = await office
      .api('alice')
      .post('/requests', { resource: 'prod-ledger', duration: '1h', reason: 'OPS-2' });
    const page = await office.stranger('desk', asked.view.url);
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await signInAtProvider(page, 'bob');
    await page.waitForURL(`/requests/${asked.id}`);
    const cookies = (await page.context().cookies(office.origin)).filter(({ name }) =>
      name.includes('curfew'),
    );
    expect(
      cookies.map(({ name, secure, httpOnly, sameSite, path }) => ({
        name,
        secure,
        httpOnly,
        sameSite,
        path,
      })),
    ).toEqual([{ name: '__Host-curfew', secure: true, httpOnly: true, sameSite: 'Strict', path: '/' }]);
    expect((await office.api('alice').get(`/requests/${asked.id}`)).status).toBe('PENDING');
  });

  test('is refused, in words, to somebody who is nobody here', async () => {
    office.watch.allow(notSignedIn, /status of 401.*\/sign-in\/oidc\/callback/);
    const page = await office.stranger('phone', '/sign-in');
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await signInAtProvider(page, 'mallory');
    await page
      .getByText(/'mallory' \(preferred_username\), which is nobody here; ask an administrator/)
      .waitFor();
    await page.getByRole('link', { name: 'Back to signing in' }).click();
    await page.getByRole('link', { name: /^Sign in with/ }).waitFor();
  });

  test('leaves the password as the other way', async () => {
    office.watch.allow(notSignedIn);
    await office.api('alice').get('/me');
    const page = await office.stranger('phone', '/sign-in');
    await signInWithPassword(page, 'alice', password);
    await page.waitForURL('/requests');
  });
});
