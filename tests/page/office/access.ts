// Access that a test needs to begin with: asked for and approved by the API.
import type { Office } from './office';
import type { Name } from './people';
import type { Psql } from './psql';

export interface Access {
  /** The request, as r-7k3mq9xd. */
  request: string;
  /** What it gave, as g-7k3mq9xd. */
  grant: string;
}

/** Has somebody ask, alice unless said otherwise; gives the request's identifier. */
export async function ask(
  office: Office,
  resource: string,
  more: { duration?: string; reason?: string; by?: Name } = {},
): Promise<string> {
  const { by = 'alice', duration = '1h', reason = 'OPS-4711: look into an order' } = more;
  return (await office.api(by).post<{ id: string }>('/requests', { resource, duration, reason })).id;
}

/** Has somebody approve, bob for dba unless said otherwise. */
export async function approve(
  office: Office,
  request: string,
  by: Name = 'bob',
  group = 'dba',
): Promise<void> {
  await office.api(by).post(`/requests/${request}/reviews`, { verdict: 'approve', group });
}

/** Access of alice's to prod-orders, approved by bob. */
export async function access(office: Office, duration = '1h', reason?: string): Promise<Access> {
  const request = await ask(office, 'prod-orders', { duration, ...(reason === undefined ? {} : { reason }) });
  await approve(office, request);
  return { request, grant: (await office.admin.get<{ grant: string }>(`/requests/${request}`)).grant };
}

/** psql of alice's by the password that her request came with. */
export async function connect(office: Office, { request }: Access): Promise<Psql> {
  const { uri } = await office.api('alice').post<{ uri: string }>(`/requests/${request}/credential`);
  const psql = await office.psqlBy(uri);
  await psql.value('SELECT 1');
  return psql;
}

/** Has psql run a query that would take an hour, and waits until PostgreSQL runs it. */
export async function runForAnHour(office: Office, psql: Psql): Promise<void> {
  psql.send('SELECT pg_sleep(3600)');
  await office.postgres.await(
    "count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(3600)%' AND pid <> pg_backend_pid()",
  );
}

interface Standing {
  id: string;
  requester: Name;
  status: string;
  kind: string;
}

/** Cancels and revokes everything, so that the next test begins with nothing. */
export async function takeBackEverything(office: Office): Promise<void> {
  const { items } = await office.admin.get<{ items: Standing[] }>('/requests?status=PENDING,APPROVED');
  for (const { id, requester, status, kind } of items) {
    // What waits is let go by who asked alone. What extends a grant goes with it.
    if (status === 'PENDING') await office.api(requester).post(`/requests/${id}/revoke`, {});
    else if (kind === 'access') await office.admin.post(`/requests/${id}/revoke`, {});
  }
}
