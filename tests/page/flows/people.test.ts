// Users and groups, as an administrator sees to them.
import { beforeEach, describe, expect, test } from 'vitest';

import { fillIn, tapChip } from '../office/forms';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';
import { password } from '../office/people';
import { notSignedIn } from '../office/sign_in';

const office = useOffice();

beforeEach(async () => {
  await office.admin.send('DELETE', '/api/v1/groups/auditors', undefined, { 'If-Match': '*' });
  await office.admin.send('DELETE', '/api/v1/users/erin', undefined, { 'If-Match': '*' });
});

describe('Users', () => {
  test('are listed with their groups and how they sign in', async () => {
    await office.cookie('alice');
    const page = await office.at('/users', 'ada');
    const row = page.getByRole('row', { name: /alice/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/Alice Developer[^]*alice@example.com[^]*developers[^]*password/);
    await expectToLookRight(page, 'users');
  });

  test('are added, given a link, and choose their own password by it', async () => {
    office.watch.allow(notSignedIn);
    const page = await office.at('/users?new=1', 'ada');
    await fillIn(page, 'Name', 'erin');
    await fillIn(page, 'Name that people read', 'Erin Engineer');
    await expectToLookRight(page, 'user-new');
    await page.getByRole('button', { name: 'Add the user' }).click();
    await page.getByRole('heading', { level: 1, name: 'User erin' }).waitFor();
    await page.getByRole('button', { name: 'Make a link to choose a password by' }).click();
    const dialog = page.getByRole('dialog', { name: 'A link for erin' });
    const link = (await dialog.getByLabel('the link').innerText()).trim();
    await expectToLookRight(page, 'user-link', 'dialog');
    await page.keyboard.press('Escape');
    await expectToLookRight(page, 'user');

    const erin = await office.stranger('phone', link);
    await fillIn(erin, 'New password', password);
    await fillIn(erin, 'The same password again', password);
    await erin.getByRole('button', { name: /^Set the password/ }).click();
    await erin.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
    expect(await office.admin.get('/users/erin')).toMatchObject({
      has_password: true,
      display_name: 'Erin Engineer',
    });
  });

  test('are removed, after which they are signed in nowhere', async () => {
    await office.admin.post('/users', { name: 'erin' });
    const { code } = await office.admin.post('/users/erin/one-time-link');
    const signedIn = await office
      .anonymous()
      .send('POST', '/api/v1/sign-in/one-time', { code, password, as: 'token' });
    const bearer = { Authorization: `Bearer ${JSON.parse(signedIn.text).token}` };
    expect((await office.anonymous().send('GET', '/api/v1/me', undefined, bearer)).status).toBe(200);
    const page = await office.at('/users?name=erin', 'ada');
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove user erin?' });
    await dialog.getByText(/token/).first().waitFor();
    await expectToLookRight(page, 'user-remove', 'dialog');
    await dialog.getByRole('button', { name: 'Remove erin' }).click();
    await page.getByText('User erin is removed').waitFor();
    expect((await office.anonymous().send('GET', '/api/v1/me', undefined, bearer)).status).toBe(401);
  });

  test('that are declared cannot be changed, but can be given a link', async () => {
    const page = await office.at('/users?name=dan', 'ada');
    await page.getByText('is declared in the configuration file').waitFor();
    await page.getByRole('button', { name: /Make a link/ }).waitFor();
    expect(await page.getByRole('button', { name: /save|remove/i }).count()).toBe(0);
    await expectToLookRight(page, 'user-declared');
  });
});

describe('Groups', () => {
  test('are listed with their members, declared ones as such', async () => {
    const page = await office.at('/groups', 'ada');
    const row = page.getByRole('row', { name: /security/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/carol[^]*sue[^]*declared in the file/);
    await expectToLookRight(page, 'groups');
  });

  test('are made, filled, used by a person, and removed', async () => {
    const page = await office.at('/groups?new=1', 'ada', 'phone');
    await fillIn(page, 'Name', 'auditors');
    await tapChip(page, 'Who is in it', 'sue');
    await expectToLookRight(page, 'group-new');
    await page.getByRole('button', { name: 'Make the group' }).click();
    await page.getByRole('heading', { level: 1, name: 'Group auditors' }).waitFor();
    expect((await office.admin.get('/groups/auditors')).members).toEqual(['sue']);

    await tapChip(page, 'Who is in it', 'sue');
    await tapChip(page, 'Who is in it', 'alice');
    await page.getByText('With this change sue leaves the group').waitFor();
    await expectToLookRight(page, 'group');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Group auditors is changed').waitFor();
    expect((await office.admin.get('/groups/auditors')).members).toEqual(['alice']);

    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove auditors' }).click();
    await page.getByText('Group auditors is removed').waitFor();
    expect((await office.admin.send('GET', '/api/v1/groups/auditors')).status).toBe(404);
  });

  test('are joined and left from the page of a person', async () => {
    await office.admin.post('/groups', { name: 'auditors', members: [] });
    const page = await office.at('/users?name=sue', 'ada');
    await page.getByLabel('Put into a group').selectOption('auditors');
    await page.getByRole('button', { name: 'Put in' }).click();
    await page.getByText('sue is in auditors now').waitFor();
    expect((await office.admin.get('/groups/auditors')).members).toEqual(['sue']);
    await page.getByRole('button', { name: 'Take out of auditors' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take out' }).click();
    await page.getByText('sue is not in auditors any more').waitFor();
    expect((await office.admin.get('/groups/auditors')).members).toEqual([]);
  });
});
