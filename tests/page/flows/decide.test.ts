// Deciding about requests, and how those see it who wait for a decision.
import { afterEach, describe, expect, test } from 'vitest';

import { approve, ask, takeBackEverything } from '../office/access';
import { tapChip } from '../office/forms';
import { expectToLookRight } from '../office/looks';
import { useOffice } from '../office/office';

const office = useOffice();

const standing = (id: string) => office.admin.get(`/requests/${id}`);

afterEach(() => takeBackEverything(office));

describe('Approving', () => {
  test('takes two taps on a phone, and the page of who asked changes by itself', async () => {
    const id = await ask(office, 'prod-orders');
    const alice = await office.at(`/requests/${id}`, 'alice');
    await alice.getByText('Pending', { exact: true }).waitFor();
    await expectToLookRight(alice, 'request-pending');

    const bob = await office.at('/requests', 'bob', 'phone');
    const card = bob.getByRole('listitem', { name: 'alice: 1 h on prod-orders' });
    await card.getByText('OPS-4711: look into an order').waitFor();
    await expectToLookRight(bob, 'requests-waiting');
    await card.getByRole('button', { name: `Approve ${id}` }).tap();
    await expectToLookRight(bob, 'request-approve', 'dialog');
    await bob.getByRole('button', { name: 'Approve for 1 h' }).tap();

    await bob.getByText('Nothing waits for you').waitFor();
    await alice.getByText('Approved', { exact: true }).waitFor();
    await alice
      .getByText(/^Access until/)
      .first()
      .waitFor();
    expect(await standing(id)).toMatchObject({ status: 'APPROVED', decided_by: 'bob', granted: '1h' });
    await expectToLookRight(alice, 'request-approved');
  });

  test('can be for less time than was asked for', async () => {
    const id = await ask(office, 'prod-orders', { duration: '2h' });
    const bob = await office.at(`/requests/${id}`, 'bob', 'phone');
    await bob.getByRole('button', { name: `Approve ${id}` }).tap();
    const dialog = bob.getByRole('dialog');
    expect(await dialog.locator('label.chip').allInnerTexts()).toEqual([
      '10 min',
      '30 min',
      '1 h',
      '2 h',
      'Other',
    ]);
    await tapChip(dialog, 'For how long', '10 min');
    await dialog.getByRole('button', { name: 'Approve for 10 min' }).tap();
    await bob.getByText('10 min, shortened by an approver').waitFor();
    expect(await standing(id)).toMatchObject({ status: 'APPROVED', duration: '2h', granted: '10m' });
  });

  test('by one of two groups leaves it waiting for the other, which everybody sees', async () => {
    const id = await ask(office, 'prod-ledger');
    const alice = await office.at(`/requests/${id}`, 'alice', 'phone');
    await alice.getByText('waits for dba and security').waitFor();
    const bob = await office.at(`/requests/${id}`, 'bob');
    await bob.getByRole('button', { name: `Approve ${id}` }).click();
    await bob.getByRole('button', { name: 'Approve for 1 h' }).click();
    await alice.getByText('waits for security').waitFor();
    await alice.getByText('approved by').waitFor();
    await expectToLookRight(alice, 'request-half-approved');

    // carol is in both groups; for dba somebody has approved already.
    const carol = await office.at('/requests', 'carol');
    await carol.getByRole('button', { name: `Approve ${id}` }).click();
    const dialog = carol.getByRole('dialog');
    const groups = dialog.getByLabel('For which of your groups');
    await dialog.getByRole('button', { name: 'Approve for 1 h' }).waitFor();
    if (await groups.isVisible()) await groups.selectOption('security');
    await dialog.getByRole('button', { name: 'Approve for 1 h' }).click();
    await alice.getByText('Approved', { exact: true }).waitFor();
    const { status, reviews } = await standing(id);
    expect(status).toBe('APPROVED');
    expect(
      reviews.map(({ reviewer, group }: { reviewer: string; group: string }) => `${reviewer} for ${group}`),
    ).toEqual(['bob for dba', 'carol for security']);
  });

  test('is not offered to who asked, nor to who is in no group that approves', async () => {
    const id = await ask(office, 'prod-orders');
    for (const name of ['alice', 'ada'] as const) {
      const page = await office.at(`/requests/${id}`, name);
      await page.getByText('Pending', { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    }
    office.watch.allow(/status of 404/);
    const sue = await office.at(`/requests/${id}`, 'sue');
    await sue.getByText(`There is no request ${id} that you may see`).waitFor();
    await expectToLookRight(sue, 'request-not-there');
  });

  test('too late says that somebody else has decided, and loses nothing', async () => {
    office.watch.allow(/status of 409/);
    const id = await ask(office, 'prod-orders');
    const bob = await office.at(`/requests/${id}`, 'bob');
    await bob.getByRole('button', { name: `Approve ${id}` }).click();
    await approve(office, id, 'carol');
    await bob.getByRole('button', { name: 'Approve for 1 h' }).click();
    await bob.getByRole('alert').waitFor();
    expect(await bob.getByRole('alert').innerText()).toContain(id);
    expect((await standing(id)).reviews).toHaveLength(1);
  });
});

describe('Rejecting', () => {
  test('tells who asked why', async () => {
    const id = await ask(office, 'prod-orders');
    const alice = await office.at('/requests?view=mine', 'alice', 'phone');
    await alice.getByText('Pending', { exact: true }).waitFor();
    const bob = await office.at('/requests', 'bob', 'phone');
    await bob.getByRole('button', { name: `Reject ${id}` }).tap();
    const dialog = bob.getByRole('dialog');
    await dialog.getByLabel(/^Reason/).fill('Use staging for this');
    await expectToLookRight(bob, 'request-reject', 'dialog');
    await dialog.getByRole('button', { name: 'Reject', exact: true }).tap();
    await alice.getByText('Use staging for this').first().waitFor();
    await alice.getByText('Rejected', { exact: true }).first().waitFor();
    await expectToLookRight(alice, 'requests-mine');
    expect(await standing(id)).toMatchObject({
      status: 'REJECTED',
      decided_by: 'bob',
      reviews: [{ verdict: 'reject', comment: 'Use staging for this' }],
    });
  });
});

describe('Whoever asked', () => {
  test('can cancel while it waits', async () => {
    const id = await ask(office, 'prod-orders');
    const bob = await office.at('/requests', 'bob');
    await bob.getByRole('button', { name: `Approve ${id}` }).waitFor();
    const alice = await office.at(`/requests/${id}`, 'alice', 'phone');
    await alice.getByRole('button', { name: `Cancel ${id}` }).tap();
    await expectToLookRight(alice, 'request-cancel', 'dialog');
    await alice.getByRole('button', { name: 'Cancel the request' }).tap();
    await alice.getByText('Cancelled by alice').first().waitFor();
    await bob.getByText('Nothing waits for you').waitFor();
    expect(await standing(id)).toMatchObject({ status: 'REJECTED', decision: 'cancelled' });
  });

  test('asks for more time, and once it is approved the end has moved', async () => {
    const id = await ask(office, 'prod-orders', { duration: '30m' });
    await approve(office, id);
    const before = (await standing(id)).view.grant.ends_at;
    const alice = await office.at(`/requests/${id}`, 'alice', 'phone');
    await alice.getByRole('button', { name: 'Ask for more time' }).tap();
    const dialog = alice.getByRole('dialog');
    await tapChip(dialog, 'How much more', '10 min');
    await dialog.getByLabel(/^Reason/).fill('OPS-4711 takes longer');
    await expectToLookRight(alice, 'request-extend', 'dialog');
    await dialog.getByRole('button', { name: 'Ask for 10 min more' }).tap();
    await alice.waitForURL((url) => !url.pathname.endsWith(id));
    const extension = new URL(alice.url()).pathname.split('/').pop()!;
    await alice.getByText('More time').first().waitFor();
    const watching = await office.at(`/requests/${id}`, 'alice');
    await watching
      .getByText(/^Access until/)
      .first()
      .waitFor();
    const seen = await watching.locator('.standing time').getAttribute('datetime');

    const bob = await office.at('/requests', 'bob');
    await bob.getByRole('listitem', { name: 'alice: 10 min more on prod-orders' }).waitFor();
    await bob.getByRole('button', { name: `Approve ${extension}` }).click();
    await bob.getByRole('button', { name: 'Approve for 10 min' }).click();
    await alice.getByText('Approved', { exact: true }).waitFor();
    const after = (await standing(id)).view.grant.ends_at;
    expect(Date.parse(after) - Date.parse(before)).toBe(600_000);
    // The page of the first request shows it as well, by itself.
    await watching.waitForFunction(
      (old) => document.querySelector('.standing time')?.getAttribute('datetime') !== old,
      seen,
    );
  });
});

describe('The page', () => {
  test('says that it is not live while curfewd is away, and catches up when it is back', async () => {
    office.watch.allow(
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
    );
    const id = await ask(office, 'prod-orders');
    const alice = await office.at(`/requests/${id}`, 'alice');
    await alice.getByText('Pending', { exact: true }).waitFor();
    await alice.getByText('Live', { exact: true }).waitFor();
    await office.curfewd.stop();
    await alice.getByText('Not live: connecting again…').waitFor();
    await expectToLookRight(alice, 'request-not-live');
    await office.curfewd.startAgain();
    await approve(office, id);
    await alice.getByText('Approved', { exact: true }).waitFor();
    await alice.getByText('Live', { exact: true }).waitFor();
  });
});
