// Rules: made, changed and removed where they are not declared in the configuration file.
import { beforeEach, describe, expect, test } from 'vitest';

import { fillIn, problemAt, tapChip } from '../office/forms';
import { hasFocus } from '../office/keyboard';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

const ledgerRule = {
  description: 'For audits',
  resources: ['prod-ledger'],
  approval_groups: ['dba'],
  max_duration: '1h',
  default_duration: '1h',
  break_glass_duration: '30m',
};

// Whatever a test leaves is gone before the next one.
beforeEach(async () => {
  await office.admin.send('DELETE', '/api/v1/rules/audits', undefined, { 'If-Match': '*' });
});

describe('Rules', () => {
  test('are listed in words, declared ones as such', async () => {
    const page = await office.at('/rules', 'ada');
    const row = page.getByRole('row', { name: /orders/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/prod-orders[^]*developers[^]*dba[^]*2h[^]*declared in the file/);
    await expectToLookRight(page, 'rules');
  });

  test('that are declared are shown, and cannot be changed', async () => {
    const page = await office.at('/rules/orders', 'ada');
    await page.getByText('is declared in the configuration file').waitFor();
    expect(await page.getByRole('button', { name: /save|remove/i }).count()).toBe(0);
    expect(await page.getByRole('textbox').count()).toBe(0);
    await expectToLookRight(page, 'rule-declared');
  });

  test('are made by a form, and say in words what they mean', async () => {
    const page = await office.at('/rules', 'ada');
    await page.getByRole('link', { name: 'New rule' }).click();
    await fillIn(page, 'Name', 'audits');
    await tapChip(page, 'Resources', 'prod-ledger');
    await tapChip(page, 'Who may ask', 'security');
    await tapChip(page, 'Who approves', 'dba');
    await fillIn(page, 'Longest duration', '45m');
    await fillIn(page, 'Duration where none is named', '30m');
    expect(await page.getByLabel('This rule in words').innerText()).toMatch(
      /security[^]*prod-ledger[^]*45m[^]*dba/,
    );
    await expectToLookRight(page, 'rule-new');
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.waitForURL('/rules/audits');
    await page.getByText('Rule audits is in force').waitFor();
    expect(await office.admin.get('/rules/audits')).toMatchObject({
      resources: ['prod-ledger'],
      required_groups: ['security'],
      approval_groups: ['dba'],
      max_duration: '45m',
      declared: false,
      changed_by: 'ada',
    });
  });

  test('show what is wrong at the field that it is wrong in, and bring the focus there', async () => {
    office.watch.allow(/status of 400.*\/rules/);
    const page = await office.at('/rules?new=1', 'ada');
    await fillIn(page, 'Name', 'audits');
    await tapChip(page, 'Resources', 'prod-ledger');
    await tapChip(page, 'Who approves', 'dba');
    // Only the server knows RE2's grammar.
    const pattern = page.getByLabel('What the reason has to match');
    await pattern.fill('OPS-[0-9');
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.getByRole('alert').waitFor();
    expect(await problemAt(pattern)).toMatch(/regular expression/);
    expect(await hasFocus(pattern)).toBe(true);
    await expectToLookRight(page, 'rule-wrong');
    await pattern.fill('OPS-[0-9]+');
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.waitForURL('/rules/audits');
  });

  test('keep what one typed when somebody else was faster, and lose nothing of theirs', async () => {
    office.watch.allow(/status of 412/);
    await office.admin.post('/rules', { name: 'audits', ...ledgerRule });
    const page = await office.at('/rules/audits', 'ada');
    await fillIn(page, 'Description', 'For the yearly audit');
    const theirs = { ...ledgerRule, max_duration: '3h' };
    await office.admin.ask('PUT', '/rules/audits', theirs, { 'If-Match': '*' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('changed this while you were editing').waitFor();
    expect(await page.getByLabel('Description', { exact: true }).inputValue()).toBe('For the yearly audit');
    expect(await page.getByLabel('Longest duration', { exact: true }).inputValue()).toBe('3h');
    expect((await office.admin.get('/rules/audits')).description).toBe('For audits');
    await expectToLookRight(page, 'rule-changed-meanwhile');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Rule audits is changed').waitFor();
    expect(await office.admin.get('/rules/audits')).toMatchObject({
      description: 'For the yearly audit',
      max_duration: '3h',
    });
  });

  test('are removed after saying what ends by it', async () => {
    await office.admin.post('/rules', { name: 'audits', ...ledgerRule, required_groups: ['security'] });
    const asked = await office.api('sue').post('/requests', { resource: 'prod-ledger', duration: '30m' });
    await office.api('bob').post(`/requests/${asked.id}/reviews`, { verdict: 'approve', group: 'dba' });
    const page = await office.at('/rules/audits', 'ada');
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove rule audits?' });
    await dialog.getByText(asked.id).waitFor();
    await expectToLookRight(page, 'rule-remove', 'dialog');
    await dialog.getByRole('button', { name: 'Remove audits' }).click();
    await page.waitForURL('/rules');
    expect((await office.admin.send('GET', '/api/v1/rules/audits')).status).toBe(404);
    expect(await office.admin.get(`/requests/${asked.id}`)).toMatchObject({
      status: 'REVOKED',
      decision: 'right_lost',
    });
  });
});
