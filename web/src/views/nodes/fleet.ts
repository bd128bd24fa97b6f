// The nodes that share the store: what is said of each, and of all together.
import type { FleetNode, NodeStatus } from '../../api/types';
import { sayDuration } from '../../duration';
import type { Said } from '../sessions/words';

// What is amiss comes first, then by name.
export function byNeed(nodes: FleetNode[]): FleetNode[] {
  return [...nodes].sort(
    (a, b) => Number(a.state === 'up') - Number(b.state === 'up') || a.node.localeCompare(b.node),
  );
}

export function stateOf(node: FleetNode): Said {
  return node.state === 'up'
    ? { tone: 'ok', word: 'Up', means: `Heard of ${agoOf(node)}.` }
    : {
        tone: 'bad',
        word: 'Gone',
        means: `Nothing was heard of it for ${sayDuration(node.seen_seconds_ago * 1_000)}. What it left on its databases is ended by another node that serves them.`,
      };
}

export function agoOf({ seen_seconds_ago }: Pick<FleetNode, 'seen_seconds_ago'>): string {
  return seen_seconds_ago < 1 ? 'just now' : `${sayDuration(seen_seconds_ago * 1_000)} ago`;
}

// Whether nodes run different versions, as while they are upgraded one after the other.
export function versionsOf(nodes: FleetNode[]): string[] {
  return [...new Set(nodes.filter(({ state }) => state === 'up').map(({ version }) => version))].sort();
}

// `3 nodes are up and carry 12 sessions. 1 is gone.`
export function fleetLine(nodes: FleetNode[]): string {
  const up = nodes.filter(({ state }) => state === 'up');
  const sessions = up.reduce((sum, node) => sum + node.sessions, 0);
  const gone = nodes.length - up.length;
  const first = `${up.length} ${up.length === 1 ? 'node is up and carries' : 'nodes are up and carry'} ${sessions} ${sessions === 1 ? 'session' : 'sessions'}.`;
  return gone === 0 ? first : `${first} ${gone} ${gone === 1 ? 'is' : 'are'} gone.`;
}

// What a person has to see to, of the node that answers.
export function troublesOf(status: NodeStatus): string[] {
  const troubles = [...status.not_ready_because];
  const backends = status.unconfirmed_backends;
  if (backends > 0) {
    troubles.push(
      `${backends} ${backends === 1 ? 'backend is' : 'backends are'} not known to be gone yet, though the right to be there has ended`,
    );
  }
  for (const login of status.admin_logins) {
    if (!login.up)
      troubles.push(`the administrative connection to ${login.resource} is down, so it takes nobody new`);
  }
  return troubles;
}
