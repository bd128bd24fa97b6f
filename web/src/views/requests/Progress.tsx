import type { Request } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { progressOf, type GroupState } from './words';

const said = { approved: 'approved by', waiting: 'waiting', not_needed: 'not needed' } as const;

function Group({ state }: { state: GroupState }) {
  return (
    <li class={`group-state group-${state.state}`}>
      <Icon
        name={state.state === 'approved' ? 'check' : state.state === 'waiting' ? 'clock' : 'done'}
        size={16}
      />
      <strong>{state.group}</strong> {said[state.state]} {state.approvedBy.join(', ')}
    </li>
  );
}

// Who has approved and which group is still missing, for each rule that has to be satisfied.
export function Progress({ request }: { request: Request }) {
  const rules = progressOf(request);
  if (rules.length === 0) return null;
  return (
    <div class="progress">
      {rules.map((rule) => (
        <div key={rule.rule}>
          {(rules.length > 1 || rule.wanted > 1) && (
            <p class="progress-rule">
              {rule.rule}: {rule.approvals} of {rule.wanted} approvals
            </p>
          )}
          <ul class="group-states">
            {rule.groups.map((group) => (
              <Group key={group.group} state={group} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
