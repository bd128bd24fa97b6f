// What ends when an object is removed, as far as it can be seen before: to be read by who is about to do it.
import type { Grant, Group, Request, Resource, Rule, Session, Token, User } from '../api/types';

// What was looked up. What who asks may not see, or what could not be read, is left out.
export interface Around {
  requests: Request[]; // PENDING and APPROVED
  grants: Grant[]; // upcoming and active
  sessions: Session[];
  rules: Rule[];
  groups: Group[];
  tokens: Token[];
}

export interface End {
  what: string; // `2 live sessions`
  which: string[]; // `alice on prod`
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
const sayRequest = (request: Request) => `${request.id}: ${request.requester} on ${request.resource}`;

function ends(lists: [string, string, string[]][]): End[] {
  return lists
    .filter(([, , which]) => which.length > 0)
    .map(([one, many, which]) => ({ what: counted(which.length, one, many), which }));
}

function sessionsOf(grants: Set<string>, sessions: Session[]): string[] {
  return sessions
    .filter(({ grant }) => grants.has(grant))
    .map(({ user, resource, id }) => `${id}: ${user} on ${resource}`);
}

const grantsOf = (requests: Request[]) =>
  new Set(requests.map(({ grant }) => grant).filter((grant): grant is string => grant !== null));

// Access stands as long as one of the rules that it was approved under does.
export function endsWithRule(rule: Rule, { requests, sessions }: Around): End[] {
  const approved = requests.filter(
    ({ status, rules }) =>
      status === 'APPROVED' && rules.length > 0 && rules.every((name) => name === rule.name),
  );
  return ends([
    ['approved request is revoked', 'approved requests are revoked', approved.map(sayRequest)],
    ['live session ends', 'live sessions end', sessionsOf(grantsOf(approved), sessions)],
  ]);
}

export function endsWithResource(resource: Resource, { requests, grants, sessions, rules }: Around): End[] {
  const own = <T extends { resource: string }>(all: T[]) =>
    all.filter((one) => one.resource === resource.name);
  return ends([
    [
      'waiting request is rejected',
      'waiting requests are rejected',
      own(requests)
        .filter((one) => one.status === 'PENDING')
        .map(sayRequest),
    ],
    ['grant is revoked', 'grants are revoked', own(grants).map(({ id, subject }) => `${id}: ${subject}`)],
    ['live session ends', 'live sessions end', own(sessions).map(({ id, user }) => `${id}: ${user}`)],
    [
      'rule names it, and covers nothing by that any more',
      'rules name it, and cover nothing by that any more',
      rules.filter((rule) => rule.resources.includes(resource.name)).map(({ name }) => name),
    ],
  ]);
}

export function endsWithUser(user: User, { requests, grants, sessions, groups, tokens }: Around): End[] {
  const asked = requests.filter(({ requester }) => requester === user.name);
  return ends([
    [
      'waiting request is rejected',
      'waiting requests are rejected',
      asked.filter((one) => one.status === 'PENDING').map(sayRequest),
    ],
    [
      'grant is revoked',
      'grants are revoked',
      grants.filter(({ subject }) => subject === user.name).map(({ id, resource }) => `${id}: ${resource}`),
    ],
    [
      'live session ends',
      'live sessions end',
      sessions.filter((one) => one.user === user.name).map(({ id, resource }) => `${id}: ${resource}`),
    ],
    ['token is revoked', 'tokens are revoked', tokens.map(({ name }) => name)],
    [
      'live group is left',
      'live groups are left',
      groups.filter((group) => !group.declared && group.members.includes(user.name)).map(({ name }) => name),
    ],
  ]);
}

export function endsWithGroup(group: Group, { rules, grants }: Around): End[] {
  const names = (rule: Rule) =>
    [
      rule.required_groups,
      rule.approval_groups,
      rule.force_approval_groups,
      rule.skip_review_groups,
      rule.break_glass_groups,
    ].some((groups) => groups.includes(group.name));
  return ends([
    [
      'rule names it, and means nobody by that any more',
      'rules name it, and mean nobody by that any more',
      rules.filter(names).map(({ name }) => name),
    ],
    [
      'grant to the group covers nobody any more',
      'grants to the group cover nobody any more',
      grants
        .filter(({ subject }) => subject === `group:${group.name}`)
        .map(({ id, resource }) => `${id}: ${resource}`),
    ],
  ]);
}
