// Small line drawings; beside a word, never in place of one that is needed (give `label` where it stands alone).
const paths = {
  requests: 'M4 5h16v12H9l-5 4V5z M8 9h8 M8 13h5',
  add: 'M12 5v14 M5 12h14',
  sessions: 'M3 5h18v12H3z M8 21h8 M7 9l3 2-3 2 M12 13h4',
  timeline: 'M3 6h9 M8 12h10 M5 18h7 M21 4v16',
  recordings: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M10 8.500l5.500 3.500-5.500 3.500z',
  reports: 'M4 20V4 M4 20h16 M8 16v-4 M12 16V8 M16 16v-6',
  audit: 'M6 3h9l4 4v14H6z M15 3v4h4 M9 12h7 M9 16h7',
  nodes: 'M4 4h16v6H4z M4 14h16v6H4z M8 7h.01 M8 17h.01',
  rules: 'M12 3l8 3v6c0 4.5-3.4 7.8-8 9-4.6-1.2-8-4.5-8-9V6z M9 12l2 2 4-4',
  resources:
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3z M4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6 M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  users: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4 21c0-4 3.6-6 8-6s8 2 8 6',
  groups:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z M2 20c0-3.5 3-5.5 7-5.5s7 2 7 5.5 M16 4.3a3.5 3.5 0 0 1 0 6.4 M18 14.8c2.4.7 4 2.4 4 5.2',
  explain:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1 1-1.1 1.8 M12 17h.01',
  account:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 12.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M6.5 18.5c1-2 3-3 5.5-3s4.500 1 5.500 3',
  more: 'M4 7h16 M4 12h16 M4 17h16',
  check: 'M5 12.5l4.500 4.500L19 7.500',
  cross: 'M6 6l12 12 M18 6L6 18',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 7v5l3.500 2',
  stop: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M5.700 5.700l12.600 12.600',
  done: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M8 12.500l3 3 5-6',
  warning: 'M12 4L2.500 20h19z M12 10v4 M12 17h.01',
  copy: 'M9 9h11v11H9z M15 9V4H4v11h5',
  glass: 'M13 2L4 14h7l-1 8 9-12h-7z',
  next: 'M9 5l7 7-7 7',
  back: 'M15 5l-7 7 7 7',
  out: 'M14 4H5v16h9 M10 12h11 M17 8l4 4-4 4',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, label, size = 20 }: { name: IconName; label?: string; size?: number }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      focusable="false"
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' as const })}
    >
      <path d={paths[name]} />
    </svg>
  );
}
