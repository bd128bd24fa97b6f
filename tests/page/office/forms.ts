// How people fill in the page's forms.
import type { Locator } from 'playwright-core';

import type { Page } from './browser';

export async function fillIn(within: Page | Locator, label: string, text: string): Promise<void> {
  await within.getByLabel(label, { exact: true }).fill(text);
}

/** Taps a chip of a group of chips. Its box is drawn by its label. */
export async function tapChip(
  within: Page | Locator,
  group: string | RegExp,
  label: string | RegExp,
): Promise<void> {
  await within.getByRole('group', { name: group }).locator('label', { hasText: label }).click();
}

/** What a field says is wrong with it. */
export async function problemAt(field: Locator): Promise<string> {
  if ((await field.getAttribute('aria-invalid')) !== 'true') return 'nothing';
  const described = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
  return field.page().locator(`#${described.pop()}`).innerText();
}
