// Every view of the page: its path, its place in the navigation, and who sees it. curfewd serves the page at the paths
// in paths.json: a test holds one list against the other.
import type { ComponentType } from 'preact';
import type { Me } from './api/types';
import { isAuditor } from './me';
import type { Params } from './router';
import type { IconName } from './ui/Icon';
import { Account } from './views/account/Account';
import { Audit } from './views/audit/Audit';
import { Explain } from './views/explain/Explain';
import { Groups } from './views/groups/Groups';
import { LinkChat } from './views/link/LinkChat';
import { NewRequest } from './views/new-request/NewRequest';
import { RequestPage } from './views/requests/RequestPage';
import { Nodes } from './views/nodes/Nodes';
import { Requests } from './views/requests/Requests';
import { Recording } from './views/recordings/Recording';
import { Recordings } from './views/recordings/Recordings';
import { Reports } from './views/reports/Reports';
import { ResourcePage, Resources } from './views/resources/Resources';
import { RulePage, Rules } from './views/rules/Rules';
import { PastSessions } from './views/sessions/PastSessions';
import { Sessions } from './views/sessions/Sessions';
import { Timeline } from './views/timeline/Timeline';
import { Users } from './views/users/Users';

export interface ViewProps {
  params: Params; // what stands for {…} in the path
}

export interface Route {
  path: string;
  view: ComponentType<ViewProps>;
  administrator?: boolean; // others are told so, and get no link to it
  auditor?: boolean; // the same: for auditors and administrators
  nav?: {
    label: string;
    icon: IconName;
    part: 'access' | 'set-up' | 'watch' | 'you';
    bar?: boolean; // also in the bar of a phone
  };
}

export function maySee(me: Me, { administrator, auditor }: Route): boolean {
  return (!administrator || me.administrator) && (!auditor || isAuditor(me));
}

// In the order of the navigation. A path without {…} goes before one with it.
export const routes: Route[] = [
  {
    path: '/requests',
    view: Requests,
    nav: { label: 'Requests', icon: 'requests', part: 'access', bar: true },
  },
  {
    path: '/requests/new',
    view: NewRequest,
    nav: { label: 'New request', icon: 'add', part: 'access', bar: true },
  },
  { path: '/requests/{id}', view: RequestPage },
  {
    path: '/sessions',
    view: Sessions,
    nav: { label: 'Sessions', icon: 'sessions', part: 'access', bar: true },
  },
  { path: '/sessions/past', view: PastSessions },
  { path: '/sessions/{id}/recording', view: Recording, auditor: true },
  {
    path: '/explain',
    view: Explain,
    nav: { label: 'Explain', icon: 'explain', part: 'access' },
  },
  {
    path: '/rules',
    view: Rules,
    administrator: true,
    nav: { label: 'Rules', icon: 'rules', part: 'set-up' },
  },
  { path: '/rules/{name}', view: RulePage, administrator: true },
  {
    path: '/resources',
    view: Resources,
    administrator: true,
    nav: { label: 'Resources', icon: 'resources', part: 'set-up' },
  },
  { path: '/resources/{name}', view: ResourcePage, administrator: true },
  {
    path: '/users',
    view: Users,
    administrator: true,
    nav: { label: 'Users', icon: 'users', part: 'set-up' },
  },
  {
    path: '/groups',
    view: Groups,
    administrator: true,
    nav: { label: 'Groups', icon: 'groups', part: 'set-up' },
  },
  { path: '/link-chat', view: LinkChat },
  {
    path: '/timeline',
    view: Timeline,
    auditor: true,
    nav: { label: 'Timeline', icon: 'timeline', part: 'watch' },
  },
  {
    path: '/recordings',
    view: Recordings,
    auditor: true,
    nav: { label: 'Recordings', icon: 'recordings', part: 'watch' },
  },
  {
    path: '/reports',
    view: Reports,
    auditor: true,
    nav: { label: 'Reports', icon: 'reports', part: 'watch' },
  },
  {
    path: '/audit',
    view: Audit,
    auditor: true,
    nav: { label: 'Audit', icon: 'audit', part: 'watch' },
  },
  {
    path: '/nodes',
    view: Nodes,
    administrator: true,
    nav: { label: 'Nodes', icon: 'nodes', part: 'watch' },
  },
  {
    path: '/account',
    view: Account,
    nav: { label: 'Account', icon: 'account', part: 'you' },
  },
];
