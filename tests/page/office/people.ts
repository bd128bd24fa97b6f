// Who works at the tests' office, what there is to access, and who decides.
export const password = 'correct horse battery staple';

export interface Place {
  /** Where PostgreSQL is: the folder of its socket, and its port. */
  host: string;
  port: number;
}

/** Users who sign in with `password`. */
export type Name = 'ada' | 'alice' | 'bob' | 'carol' | 'sue';

/** A Curfew on its first day: an administrator, and nothing to administer yet. */
export const firstDay = {
  listeners: [{ name: 'main', address: '127.0.0.1:0' }],
  users: { ada: { display_name: 'Ada Administrator' }, bob: {} },
  groups: { administrators: ['ada'] },
  workers: 1,
};

/** ada administers, alice and dan develop, bob and carol run databases, carol and sue see to security. */
export function officeConfig(postgres: Place): Record<string, unknown> {
  const upstream = { host: postgres.host, port: postgres.port, admin_login: { user: 'curfew_admin' } };
  return {
    listeners: [{ name: 'main', address: '127.0.0.1:0' }],
    resources: {
      'prod-orders': {
        ...upstream,
        description: 'Orders, payments and customers',
        attributes: { env: 'prod' },
        databases: ['orders'],
        login: 'managed',
        role: { user: 'app' },
      },
      'prod-ledger': {
        ...upstream,
        description: 'The general ledger',
        attributes: { env: 'prod', data: 'cards' },
      },
      'staging-orders': {
        ...upstream,
        description: "Yesterday's copy of prod-orders",
        attributes: { env: 'staging' },
      },
    },
    users: {
      ada: { display_name: 'Ada Administrator', email: 'ada@example.com' },
      alice: { display_name: 'Alice Developer', email: 'alice@example.com' },
      bob: { display_name: 'Bob the DBA', email: 'bob@example.com' },
      carol: {},
      sue: { display_name: 'Sue Security' },
      dan: {},
    },
    groups: {
      administrators: ['ada'],
      developers: ['alice', 'dan'],
      dba: ['bob', 'carol'],
      security: ['carol', 'sue'],
      oncall: ['alice'],
    },
    rules: {
      orders: {
        description: 'Changes to orders in production',
        resources: ['prod-orders'],
        required_groups: ['developers'],
        approval_groups: ['dba'],
        break_glass_groups: ['oncall'],
        max_duration: '2h',
        default_duration: '30m',
        reason_required: true,
      },
      ledger: {
        description: 'Card data needs two pairs of eyes',
        resources: ['prod-ledger'],
        required_groups: ['developers'],
        approval_groups: ['dba', 'security'],
        require_all_groups: true,
        min_approvals: 2,
        max_duration: '4h',
      },
      staging: {
        description: 'Developers come and go',
        attributes: { env: 'staging' },
        required_groups: ['developers'],
        approval_groups: ['dba'],
        skip_review_groups: ['developers'],
        max_duration: '8h',
      },
    },
    how_to_ask: 'Ask on the page of Curfew.',
    warnings: [],
    workers: 1,
  };
}
