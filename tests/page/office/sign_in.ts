// How somebody signs in on the page.
import type { Page } from './browser';
import { fillIn } from './forms';

/** What Chromium notes down wherever nobody has signed in: the page asks who it is. */
export const notSignedIn = /status of 401.*\/api\/v1\/me\)/;

export async function signInWithPassword(page: Page, user: string, password: string): Promise<void> {
  await fillIn(page, 'Name', user);
  await fillIn(page, 'Password', password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
