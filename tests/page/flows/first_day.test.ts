// Before anything is set up: each view says what will stand there, and how it comes to be.
import { describe, expect, test } from 'vitest';

import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice({ firstDay: true });

describe('On the first day', () => {
  test.each([
    ['requests', '/requests', 'ada'],
    ['requests-new', '/requests/new', 'bob'],
    ['sessions', '/sessions', 'ada'],
    ['sessions-past', '/sessions/past', 'ada'],
    ['timeline', '/timeline', 'ada'],
    ['rules', '/rules', 'ada'],
    ['resources', '/resources', 'ada'],
    ['explain', '/explain', 'bob'],
  ] as const)('%s teaches what will stand there', async (name, path, who) => {
    const page = await office.at(path, who);
    const empty = page.locator('.empty').first();
    await empty.waitFor();
    expect((await empty.innerText()).length).toBeGreaterThan(40);
    await expectToLookRight(page, `first-day-${name}`);
  });
});
