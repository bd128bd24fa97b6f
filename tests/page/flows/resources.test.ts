// Resources: made, changed and removed where they are not declared in the configuration file.
import { beforeEach, describe, expect, test } from 'vitest';

import { runForAnHour } from '../office/access';
import { fillIn, problemAt } from '../office/forms';
import { hasFocus } from '../office/keyboard';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

const settings = () => ({ host: office.postgres.socketFolder, port: office.postgres.port });

beforeEach(async () => {
  await office.admin.send('DELETE', '/api/v1/resources/archive', undefined, { 'If-Match': '*' });
});

describe('Resources', () => {
  test('are listed with where they are, and how their sessions are ended', async () => {
    const page = await office.at('/resources', 'ada');
    const row = page.getByRole('row', { name: /^prod-orders/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/managed[^]*curfew_admin[^]*env=prod[^]*declared in the file/);
    await expectToLookRight(page, 'resources');
  });

  test('that are declared say how they stand, and cannot be changed', async () => {
    const page = await office.at('/resources/prod-orders', 'ada');
    await page.getByText('is declared in the configuration file').waitFor();
    await page.getByText('Rules that cover it').waitFor();
    await page.getByRole('button', { name: 'Look for what is wrong' }).click();
    await page.getByText(/PostgreSQL 15\.\d+.*asked/).waitFor();
    expect(await page.getByRole('button', { name: /save|remove/i }).count()).toBe(0);
    await expectToLookRight(page, 'resource-declared');
  });

  test('are made by a form, closed until a rule covers them, and the rule is a link away', async () => {
    const page = await office.at('/resources', 'ada', 'phone');
    await page.getByRole('link', { name: 'New resource' }).click();
    await fillIn(page, 'Name', 'archive');
    await fillIn(page, 'Description', 'Orders of former years');
    await fillIn(page, 'Host', office.postgres.socketFolder);
    await fillIn(page, 'Port', String(office.postgres.port));
    await fillIn(page, 'Administrative role', 'curfew_admin');
    await expectToLookRight(page, 'resource-new');
    await page.getByRole('button', { name: 'Make the resource' }).click();
    await page.waitForURL('/resources/archive');
    await page.getByText('No rule covers archive').waitFor();
    expect(await office.admin.get('/resources/archive')).toMatchObject({
      ...settings(),
      description: 'Orders of former years',
      admin_login: { user: 'curfew_admin' },
      login: 'passthrough',
      changed_by: 'ada',
    });
    await expectToLookRight(page, 'resource');
    await page.getByRole('link', { name: 'Make a rule for it' }).click();
    await page.getByRole('heading', { level: 1, name: 'New rule' }).waitFor();
    expect(
      await page
        .getByRole('group', { name: 'Resources' })
        .getByRole('checkbox', { name: 'archive' })
        .isChecked(),
    ).toBe(true);
  });

  test('show what is wrong at its field before anything is sent', async () => {
    const page = await office.at('/resources?new=1', 'ada');
    await fillIn(page, 'Name', 'archive');
    await fillIn(page, 'Host', 'db1');
    const port = page.getByLabel('Port', { exact: true });
    await port.fill('70000');
    await page.getByRole('button', { name: 'Make the resource' }).click();
    await page.getByRole('alert').waitFor();
    expect(await problemAt(port)).toMatch(/65535/);
    expect(await hasFocus(port)).toBe(true);
    expect((await office.admin.send('GET', '/api/v1/resources/archive')).status).toBe(404);
  });

  test('of a name that is taken say so at the name', async () => {
    office.watch.allow(/status of 409/);
    const page = await office.at('/resources?new=1', 'ada');
    await fillIn(page, 'Name', 'prod-orders');
    await fillIn(page, 'Host', 'db1');
    await page.getByRole('button', { name: 'Make the resource' }).click();
    await page.getByRole('alert').waitFor();
    expect(await problemAt(page.getByLabel('Name', { exact: true }))).toMatch(/prod-orders/);
  });

  test('are changed, and removed after saying which sessions end by it', async () => {
    await office.admin.post('/resources', {
      name: 'archive',
      ...settings(),
      admin_login: { user: 'curfew_admin' },
    });
    await office.admin.post('/grants', { subject: 'alice', resource: 'archive', for: '1h' });
    const psql = await office.psql('alice', 'archive');
    await runForAnHour(office, psql);
    const page = await office.at('/resources/archive', 'ada');
    await fillIn(page, 'Description', 'Nobody needs it any more');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Resource archive is changed').waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove resource archive?' });
    await dialog
      .getByText(/session/)
      .first()
      .waitFor();
    await expectToLookRight(page, 'resource-remove', 'dialog');
    await dialog.getByRole('button', { name: 'Remove archive' }).click();
    await page.waitForURL('/resources');
    await psql.complains(/FATAL/);
    expect(await psql.ended).toBe(2);
  });
});
