// Commands that are approved one by one: of a live psql, and as a script from the page.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import { takeBackEverything } from '../office/access';
import type { Page } from '../office/browser';
import { fillIn, tapChip } from '../office/forms';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';
import type { Psql } from '../office/psql';

const office = useOffice({ commands: true });

beforeAll(async () => {
  await office.postgres.sql(
    "SET ROLE app; CREATE TABLE orders (id int, note text); INSERT INTO orders VALUES (1, 'first'), (2, NULL)",
    'orders',
  );
});

afterEach(() => takeBackEverything(office));

/** psql of alice's, each of whose commands is approved. */
async function connectByCommand(): Promise<Psql> {
  const access = await office
    .api('alice')
    .post<{ credential: { uri: string } }>('/resources/prod-orders/command-access');
  return office.psqlBy(access.credential.uri);
}

/** The request that a psql says that it waits for. */
async function waitsFor(psql: Psql): Promise<string> {
  const notice = await psql.complains(/r-[0-9a-z]{8}/);
  return /r-[0-9a-z]{8}/.exec(notice)![0];
}

/** What PostgreSQL would do, as a page shows it. */
const previewOn = (page: Page) => page.getByRole('region', { name: 'What PostgreSQL would do' });

const standing = (id: string) => office.admin.get(`/requests/${id}`);
const notes = () => office.postgres.sql('SELECT note FROM orders ORDER BY id', 'orders');

describe('A command of a live psql', () => {
  test('is read and approved on a phone in two taps while psql waits, and runs once', async () => {
    const psql = await connectByCommand();
    psql.send("UPDATE orders\n   SET note = 'seen' WHERE id = 1 RETURNING note");
    const id = await waitsFor(psql);
    const ada = await office.at('/sessions', 'ada');
    await ada.getByText('By command').waitFor();
    await ada.getByRole('link', { name: `waits for ${id}` }).waitFor();
    await expectToLookRight(ada, 'sessions-by-command');

    const bob = await office.at(`/requests/${id}`, 'bob', 'phone');
    const sql = bob.getByLabel('SQL of the statement');
    await sql.waitFor();
    expect(await sql.innerText()).toContain("UPDATE orders\n   SET note = 'seen' WHERE id = 1");
    const plan = previewOn(bob).getByLabel('Plan', { exact: true });
    await plan.waitFor();
    expect(await plan.innerText()).toMatch(/Update on/);
    // Nothing of either goes on out of sight.
    for (const block of [sql, plan])
      expect(await block.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
    await expectToLookRight(bob, 'command-pending');
    // Who asks sees the SQL alone.
    const alice = await office.at(`/requests/${id}`, 'alice');
    await alice.getByLabel('SQL of the statement').waitFor();
    expect(await previewOn(alice).count()).toBe(0);
    // What one approves stands above the button that approves it.
    const approve = bob.getByRole('button', { name: `Approve ${id}` });
    const [top, middle, bottom] = await Promise.all(
      [sql, plan, approve].map(async (one) => (await one.boundingBox())!.y),
    );
    expect(top!).toBeLessThan(middle!);
    expect(middle!).toBeLessThan(bottom!);
    await approve.tap();
    const dialog = bob.getByRole('dialog');
    expect(await dialog.getByRole('group', { name: 'For how long' }).count()).toBe(0);
    await expectToLookRight(bob, 'command-approve', 'dialog');
    await dialog.getByRole('button', { name: 'Approve', exact: true }).tap();

    expect(await psql.prints('seen')).toBe('seen');
    await bob.getByText('UPDATE 1').first().waitFor();
    await bob.getByText('Executed', { exact: true }).waitFor();
    await expectToLookRight(bob, 'command-ran');
    expect(await standing(id)).toMatchObject({
      status: 'EXECUTED',
      decision: 'command_run',
      command_result: { outcome: 'succeeded' },
    });
  });

  test('that is rejected is an error to psql, which goes on', async () => {
    const psql = await connectByCommand();
    psql.send('DELETE FROM orders');
    const id = await waitsFor(psql);
    const bob = await office.at('/requests', 'bob', 'phone');
    const card = bob.getByRole('listitem', { name: 'alice: a command on prod-orders' });
    await card.waitFor();
    // What has a preview is decided about where that is shown.
    await card.getByRole('link', { name: `Read all of it and decide about ${id}` }).waitFor();
    await expectToLookRight(bob, 'commands-waiting');
    await bob.goto(`/requests/${id}`);
    await bob.getByRole('button', { name: `Reject ${id}` }).tap();
    await bob
      .getByRole('dialog')
      .getByLabel(/^Reason/)
      .fill('All of them?');
    await bob.getByRole('dialog').getByRole('button', { name: 'Reject', exact: true }).tap();
    await psql.complains(/ERROR:/);
    expect(await psql.value("SELECT 'still here' FROM public.orders LIMIT 1")).toBe('still here');
    const alice = await office.at('/requests?view=mine', 'alice');
    await alice.getByText('DELETE FROM orders').waitFor();
    await expectToLookRight(alice, 'commands-mine');
    expect(await standing(id)).toMatchObject({ status: 'REJECTED' });
  });

  test('that is long is approved once all of it was shown, and hides nothing', async () => {
    const psql = await connectByCommand();
    const lines = Array.from({ length: 80 }, (_, i) => `  (${i + 10}, 'n${i}')`).join(',\n');
    psql.send(`INSERT INTO orders VALUES\n  (9, 'a\u202eb'),\n${lines}`);
    const id = await waitsFor(psql);
    const bob = await office.at(`/requests/${id}`, 'bob', 'phone');
    await bob.getByRole('button', { name: /^Show all 8\d lines/ }).waitFor();
    expect(await bob.getByRole('button', { name: `Approve ${id}` }).count()).toBe(0);
    expect(await bob.getByLabel('SQL of the statement').innerText()).not.toContain('\u202e');
    await expectToLookRight(bob, 'command-folded');
    await bob.getByRole('button', { name: /^Show all 8\d lines/ }).tap();
    await bob.getByText("'n79'").waitFor();
    await bob.getByRole('button', { name: `Approve ${id}` }).waitFor();
    const waiting = await office.at('/requests', 'bob');
    await waiting.getByRole('link', { name: `Read all of it and decide about ${id}` }).waitFor();
    await expectToLookRight(waiting, 'commands-waiting-long');
  });
});

describe('A script', () => {
  test('is asked for on the page, and its output stands there when it has run', async () => {
    const alice = await office.at('/requests/new?resource=prod-orders', 'alice', 'phone');
    await tapChip(alice, 'What for', 'Run one approved change');
    await alice.getByText('One of dba').waitFor();
    await fillIn(
      alice,
      'SQL',
      "UPDATE orders SET note = 'scripted' WHERE id = 2;\nSELECT id, note FROM orders WHERE id = 2;",
    );
    await alice.getByLabel(/^Reason/).fill('OPS-4711: the note was missing');
    await expectToLookRight(alice, 'script-new');
    await alice.getByRole('button', { name: 'Ask to run it on prod-orders' }).tap();
    await alice.waitForURL(/\/requests\/r-/);
    const id = new URL(alice.url()).pathname.split('/').pop()!;
    await alice.getByText('Pending', { exact: true }).waitFor();

    const bob = await office.at(`/requests/${id}`, 'bob');
    await bob.getByRole('button', { name: `Approve ${id}` }).click();
    await bob.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();

    await alice.getByRole('cell', { name: 'scripted' }).waitFor();
    await alice.getByText('Succeeded', { exact: true }).waitFor();
    await expectToLookRight(alice, 'script-ran');
    expect(await notes()).toContain('scripted');
  });

  test('that fails says why', async () => {
    const { id } = await office.api('alice').post<{ id: string }>('/requests', {
      resource: 'prod-orders',
      type: 'command',
      command: { sql: 'INSERT INTO no_such_table VALUES (1)' },
    });
    const alice = await office.at(`/requests/${id}`, 'alice');
    await office.api('bob').post(`/requests/${id}/reviews`, { verdict: 'approve' });
    await alice.getByLabel('The error').waitFor();
    expect(await alice.getByLabel('The error').innerText()).toContain('42P01');
    await expectToLookRight(alice, 'script-failed');
  });
});

describe('A rule for commands', () => {
  test('is made by the form', async () => {
    const page = await office.at('/rules?new=1', 'ada');
    await fillIn(page, 'Name', 'careful-ledger');
    await tapChip(page, 'Resources', 'prod-ledger');
    await tapChip(page, 'Types of request', 'command: each command is approved');
    await tapChip(page, 'Types of request', 'jit: time to connect in');
    await tapChip(page, 'Who approves', 'dba');
    const tables = page.getByLabel('Tables that may be read without asking: add a table');
    await tables.fill('public.accounts');
    await tables.press('Enter');
    await page.getByLabel('Preview for approvers').selectOption('dry_run');
    await expectToLookRight(page, 'rule-commands');
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.waitForURL('/rules/careful-ledger');
    expect(await office.admin.get('/rules/careful-ledger')).toMatchObject({
      types: ['command'],
      allowed_statements: { select: ['public.accounts'], functions: [] },
      preview: 'dry_run',
    });
  });
});
