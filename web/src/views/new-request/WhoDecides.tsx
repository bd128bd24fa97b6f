import type { Explanation } from '../../api/types';
import { Icon } from '../../ui/Icon';
import { decidingOf } from './wish';

// Who will have to approve, by which rule, before anything is sent.
export function WhoDecides({ explanation, breakGlass }: { explanation: Explanation; breakGlass: boolean }) {
  const deciding = decidingOf(explanation, breakGlass);
  const passedOver = explanation.rules.filter(({ applies }) => applies !== 'yes');
  return (
    <div class="deciding" aria-live="polite">
      {deciding.said && (
        <p class={`deciding-said deciding-${deciding.outcome}`}>
          <Icon
            name={
              deciding.outcome === 'break_glass'
                ? 'glass'
                : deciding.outcome === 'at_once'
                  ? 'check'
                  : 'rules'
            }
          />
          <span>{deciding.said}</span>
        </p>
      )}
      <ul class="deciding-rules">
        {deciding.rules.map(({ rule, wants, description }) => (
          <li key={rule}>
            <p>
              <strong>{wants.charAt(0).toUpperCase() + wants.slice(1)}</strong>
            </p>
            <p class="muted">
              Rule {rule}
              {description && `: ${description}`}
            </p>
          </li>
        ))}
      </ul>
      {deciding.outcome === 'review' && (
        <p class="muted">Whoever asks cannot approve. One rejection by any of these groups is enough.</p>
      )}
      {passedOver.length > 0 && explanation.administrator && (
        <p class="muted">{passedOver.length} other rules do not apply here.</p>
      )}
      <p>
        <a href={`/explain?resource=${encodeURIComponent(explanation.resource)}`}>
          Every rule, and why it applies or not
        </a>
      </p>
    </div>
  );
}
