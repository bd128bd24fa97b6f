// Who had what and what it was used for, as auditors read it.
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';

import { access, connect, takeBackEverything } from '../office/access';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

afterEach(() => takeBackEverything(office));

describe('A report', () => {
  test('says who had what, who approved, how long it was used, and who needs no approval', async () => {
    const psql = await connect(office, await access(office));
    await psql.value('SELECT 1');
    await psql.stop();

    const ada = await office.at('/reports', 'ada');
    await ada.getByRole('heading', { name: 'In short' }).waitFor();
    await ada
      .getByText(/in 1 session$/)
      .first()
      .waitFor();
    await ada.getByRole('table', { name: 'Standing privileges' }).waitFor();
    await expectToLookRight(ada, 'reports');

    const saving = ada.waitForEvent('download');
    await ada.getByRole('button', { name: 'Save as CSV' }).click();
    const saved = await readFile(await (await saving).path(), 'utf8');
    expect(saved.split('\r\n')[0]).toMatch(/^"grant","subject","resource"/);
    expect(saved).toContain('alice');

    await ada.getByLabel('User').fill('nobody');
    await ada.getByLabel('User').press('Enter');
    await ada.getByText('Nobody had access in that time').waitFor();
  });
});
