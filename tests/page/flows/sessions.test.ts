// Sessions under psql, as the page shows and ends them.
import { readFile } from 'node:fs/promises';

import type { Locator } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';

import { access, connect, runForAnHour, takeBackEverything } from '../office/access';
import type { Page } from '../office/browser';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

afterEach(() => takeBackEverything(office));

const backends = "count(*) FROM pg_stat_activity WHERE usename = 'app'";

describe('A running query dies when the approver taps Revoke', () => {
  test('and everybody is told why, at once and for good', async () => {
    const given = await access(office, '1h', 'OPS-4711: half of an order');
    // alice gets in as her page says.
    const alice = await office.at(`/requests/${given.request}`, 'alice');
    await alice.getByRole('button', { name: 'Make a password' }).click();
    const uri = (await alice.getByLabel('the connection URI').innerText()).trim();
    await expectToLookRight(alice, 'request-password');
    const psql = await office.psqlBy(uri);
    await psql.value('SELECT 1');
    psql.send('BEGIN');
    psql.send('CREATE TABLE half_of_an_order (id int)');
    await runForAnHour(office, psql);

    // ada sees the session live.
    const ada = await office.at('/sessions', 'ada');
    const row = ada.getByRole('row', { name: /alice on prod-orders/ });
    await row.waitFor();
    await alice.getByText(/alice since/).waitFor();
    await expectToLookRight(ada, 'sessions');

    // bob's phone: Revoke, and Revoke.
    const bob = await office.at(`/requests/${given.request}`, 'bob', 'phone');
    await bob.getByRole('button', { name: `Revoke ${given.request}` }).tap();
    await bob.getByLabel(/^Reason/).fill('The incident is over');
    await expectToLookRight(bob, 'request-revoke', 'dialog');
    await bob.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).tap();

    // psql is told why, and PostgreSQL has nothing left of it.
    await psql.complains(/FATAL:.*prod-orders.*revoked/);
    expect(await psql.ended).toBe(2);
    await office.postgres.await(`(SELECT ${backends}) = 0`);
    expect(await office.postgres.sql("SELECT to_regclass('half_of_an_order') IS NULL", 'orders')).toBe('t');

    // Both pages say so by themselves.
    await row.waitFor({ state: 'detached' });
    await alice.getByText('Revoked', { exact: true }).waitFor();
    await alice.getByText('The incident is over').first().waitFor();
    await bob.getByText('Revoked', { exact: true }).waitFor();
    await expectToLookRight(bob, 'request-revoked');

    await onRecord(ada, given.grant, given.request);
  });
});

// Does each session that a bar of the timeline shows lie within the bar's window, to the pixel?
function insideItsWindow(bar: Locator): Promise<boolean> {
  return bar.evaluate((element) => {
    const span = (one: Element): [number, number] => {
      const x = Number(one.getAttribute('x'));
      return [x, x + Number(one.getAttribute('width'))];
    };
    const [from, to] = span(element.querySelector('.timeline-window')!);
    const sessions = [...element.querySelectorAll('.timeline-session')].map(span);
    return sessions.length > 0 && sessions.every(([begin, end]) => begin >= from - 1 && end <= to + 1);
  });
}

// The past sessions, the timeline and the audit view have it.
async function onRecord(ada: Page, grant: string, request: string): Promise<void> {
  await ada.getByRole('link', { name: 'Past', exact: true }).click();
  const record = ada.getByRole('row', { name: new RegExp(grant) });
  await record.waitFor();
  expect(await record.innerText()).toMatch(/revoked/i);
  await expectToLookRight(ada, 'sessions-past');

  await ada.goto('/timeline');
  const bar = ada.getByRole('group', { name: /^prod-orders:/ }).locator(`[data-key*="${grant}"]`);
  await bar.waitFor();
  expect(await bar.getAttribute('aria-label')).toMatch(/alice[^]*revoked/i);
  expect(await insideItsWindow(bar)).toBe(true);
  await expectToLookRight(ada, 'timeline');

  await ada.goto('/audit');
  await ada.getByRole('cell', { name: request }).first().waitFor();
  await expectToLookRight(ada, 'audit');
}

describe('Killing a session', () => {
  test('ends it and leaves the grant, so that its owner can come back', async () => {
    const given = await access(office);
    const psql = await connect(office, given);
    await runForAnHour(office, psql);
    const ada = await office.at('/sessions', 'ada', 'phone');
    await ada.getByRole('button', { name: /^Kill alice/ }).tap();
    await expectToLookRight(ada, 'session-kill', 'dialog');
    await ada.getByRole('button', { name: 'Kill the session' }).tap();
    await psql.complains(/FATAL/);
    await psql.ended;
    await ada.getByText('Nobody is connected').waitFor();
    expect((await office.admin.get(`/grants/${given.grant}`)).state).toBe('active');
    const again = await connect(office, given);
    expect(await again.value('SELECT 2')).toBe('2');
  });

  test('is for administrators: others see their own, and no button', async () => {
    const given = await access(office);
    await connect(office, given);
    const alice = await office.at('/sessions', 'alice', 'phone');
    await alice.getByText('prod-orders').first().waitFor();
    expect(await alice.getByRole('button', { name: /^Kill/ }).count()).toBe(0);
    await expectToLookRight(alice, 'sessions-own');
    const bob = await office.at('/sessions', 'bob');
    await bob.getByText('You are not connected').waitFor();
  });
});

describe('The time that is left', () => {
  test('runs down, second by second, and the bar with it', async () => {
    const given = await access(office, '2m');
    await connect(office, given);
    const ada = await office.at('/sessions', 'ada');
    const countdown = ada.getByRole('timer').first();
    await countdown.waitFor();
    const bar = ada.locator('.countdown-bar-left').first();
    const read = async () => ({
      left: await countdown.innerText(),
      width: Number(await bar.getAttribute('width')),
    });
    const before = await read();
    expect(before.left).toMatch(/^(2:00|1:[0-5]\d)$/);
    await ada.waitForFunction(
      (old) => document.querySelector('[role=timer]')?.textContent?.trim() !== old,
      before.left,
    );
    const after = await read();
    const seconds = (text: string): number =>
      text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    expect(seconds(after.left)).toBeLessThan(seconds(before.left));
    expect(after.width).toBeLessThan(before.width);
  });

  test('is over when it is over: the session ends, and the pages say so', async () => {
    const given = await access(office, '8s');
    const psql = await connect(office, given);
    await runForAnHour(office, psql);
    const alice = await office.at(`/requests/${given.request}`, 'alice', 'phone');
    await psql.complains(/FATAL:.*prod-orders/);
    await psql.ended;
    await alice.getByText('Its time is over').first().waitFor();
    await alice.getByText('Executed', { exact: true }).waitFor();
    await expectToLookRight(alice, 'request-executed');
  });
});

describe('Past sessions', () => {
  test('are narrowed by who, by what and by how they ended, at an address that can be sent on', async () => {
    const given = await access(office);
    const psql = await connect(office, given);
    await psql.stop();
    await office.curfewd.await('session.ended', { grant: given.grant });
    const ada = await office.at('/sessions/past', 'ada');
    const row = ada.getByRole('row', { name: new RegExp(given.grant) });
    await row.waitFor();
    await ada.getByLabel('How it ended').selectOption('Ended by Curfew');
    await row.waitFor({ state: 'detached' });
    await ada.getByLabel('How it ended').selectOption('Ended by itself');
    await row.waitFor();
    expect(await row.innerText()).toMatch(/Gone/);
    await ada.getByLabel('User', { exact: true }).fill('bob');
    await ada.keyboard.press('Enter');
    await ada.getByText('No session was like that').waitFor();
    expect(new URL(ada.url()).searchParams.get('user')).toBe('bob');
    await ada.reload();
    await ada.getByText('No session was like that').waitFor();
    await ada.getByRole('button', { name: 'Show all' }).click();
    await row.waitFor();
  });
});

describe('A receipt', () => {
  test('of a past session is saved as the node signed it', async () => {
    const given = await access(office);
    const psql = await connect(office, given);
    await psql.stop();
    const { session } = await office.curfewd.await('session.ended', { grant: given.grant });
    const ada = await office.at('/sessions/past', 'ada');
    const saving = ada.waitForEvent('download');
    await ada.getByRole('button', { name: `Receipt of session ${session}` }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(`receipt-${session}.json`);
    const text = await readFile(await saved.path(), 'utf8');
    expect(text).toContain(String(session));
    expect(JSON.parse(text)).toHaveProperty('signature');
  });
});

describe('The nodes', () => {
  test('are there, and say how they are', async () => {
    const ada = await office.at('/nodes', 'ada');
    await ada.getByRole('table').first().waitFor();
    expect(await ada.getByRole('table').first().innerText()).toMatch(/up/i);
    await expectToLookRight(ada, 'nodes');
  });
});
