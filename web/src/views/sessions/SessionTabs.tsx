import { Tabs } from '../../ui/Page';

export function SessionTabs({ current, live }: { current: 'live' | 'past'; live?: number | undefined }) {
  return (
    <Tabs
      label="Sessions"
      current={current}
      tabs={[
        { key: 'live', href: '/sessions', label: 'Live', count: live },
        { key: 'past', href: '/sessions/past', label: 'Past' },
      ]}
    />
  );
}
