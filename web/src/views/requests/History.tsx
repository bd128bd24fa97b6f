import type { Request } from '../../api/types';
import { serverNow } from '../../clock';
import { Icon, type IconName } from '../../ui/Icon';
import { Card } from '../../ui/Page';
import { Time } from '../../ui/Time';
import { historyOf, type Happening } from './words';

const icons: Record<Happening['kind'], IconName> = {
  asked: 'requests',
  approve: 'check',
  reject: 'cross',
  begin: 'clock',
  end: 'done',
  revoke: 'stop',
  decided: 'check',
};

export function History({ request }: { request: Request }) {
  return (
    <Card title="What happened">
      <ol class="history">
        {historyOf(request, serverNow()).map((one, i) => (
          <li key={i} class={`history-${one.kind}${one.ahead ? ' history-ahead' : ''}`}>
            <span class="history-mark">
              <Icon name={icons[one.kind]} size={16} />
            </span>
            <div>
              <p>
                {one.by && <strong>{one.by} </strong>}
                {one.what}
              </p>
              {one.said && <blockquote>{one.said}</blockquote>}
            </div>
            <span class="history-at muted">
              <Time at={one.at} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
