// What was done in sessions under psql, as auditors read it: live, afterwards, and by what they look for.
import { afterEach, describe, expect, test } from 'vitest';

import { access, connect, takeBackEverything } from '../office/access';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice({ recorded: true });

afterEach(() => takeBackEverything(office));

interface Recording {
  id: string;
  state: string;
}

async function latest(): Promise<Recording> {
  const { items } = await office.admin.get<{ items: Recording[] }>('/recordings?limit=1');
  if (!items[0]) throw new Error('nothing was recorded');
  return items[0];
}

describe('A recording', () => {
  test('is watched while its session lives, and stays', async () => {
    const psql = await connect(office, await access(office));
    await psql.value('SELECT 42 AS answer');
    psql.send('BEGIN');
    psql.send('SELEKT 43');
    await psql.complains(/syntax error/);
    psql.send('ROLLBACK');

    // sue gets there from the live sessions.
    const sue = await office.at('/sessions', 'sue');
    await sue.getByRole('link', { name: /statements and rows/ }).click();
    await sue.getByText('SELECT 42 AS answer').first().waitFor();
    await sue.getByText('Live: what is done appears below by itself.').waitFor();
    await sue.getByText(/ERROR 42601: syntax error/).waitFor();

    // What is done now comes by itself.
    await psql.value("SELECT 'while you watch'");
    await sue.getByText("SELECT 'while you watch'").waitFor();
    await expectToLookRight(sue, 'recording');

    // Within it.
    await sue
      .getByRole('navigation', { name: 'Jump to' })
      .getByRole('link', { name: /Error: SELEKT 43/ })
      .click();
    expect(new URL(sue.url()).hash).toMatch(/^#step-\d+$/);
    await sue.getByLabel('Find in this recording').fill('answer');
    await sue.getByText(/^1 of \d+ steps have that$/).waitFor();
    await sue.getByText('1 row recorded').click();
    await sue.getByRole('cell', { name: '42' }).waitFor();
    await sue.getByLabel('Find in this recording').fill('');

    await psql.stop();
    await sue.getByText(/Complete: each part/).waitFor();
    await sue.getByText(/The session ended/).waitFor();

    // As a file.
    const saving = sue.waitForEvent('download');
    await sue.getByRole('link', { name: 'Save as SQL' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^s-.*\.sql$/);

    // That she read it is on record.
    const ada = await office.at('/audit?kind=recording', 'ada');
    await ada
      .getByRole('row', { name: /read a recording.*sue/i })
      .first()
      .waitFor();
  });

  test('is found by what was done', async () => {
    const psql = await connect(office, await access(office));
    await psql.value("SELECT 'a needle'");
    await psql.stop();
    const sue = await office.at('/recordings', 'sue');
    await sue
      .getByRole('link', { name: /alice on prod-orders/ })
      .first()
      .waitFor();
    await expectToLookRight(sue, 'recordings');
    await sue.getByLabel('Text').fill('A NEEDLE');
    await sue.getByRole('button', { name: 'Search' }).click();
    await sue.locator('mark').first().waitFor();
    await expectToLookRight(sue, 'recordings-found');
    await sue
      .getByRole('link', { name: /alice on prod-orders/ })
      .first()
      .click();
    await sue.getByRole('heading', { name: 'Recording', exact: true }).waitFor();
    await sue.getByText("SELECT 'a needle'").first().waitFor();
  });

  test('is for auditors: others see that there is one, and no more', async () => {
    const psql = await connect(office, await access(office));
    await psql.stop();
    const { id } = await latest();
    const alice = await office.at('/sessions/past', 'alice');
    await alice.getByText('statements and rows').first().waitFor();
    expect(await alice.getByRole('link', { name: /statements and rows/ }).count()).toBe(0);
    await alice.goto(`/sessions/${id}/recording`);
    await alice.getByText('Only auditors and administrators see this page').waitFor();
    expect(await alice.getByRole('link', { name: 'Recordings' }).count()).toBe(0);
  });
});
