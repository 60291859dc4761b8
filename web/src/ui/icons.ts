/* Our own small icons: paths on a 24 x 24 grid, stroked unless named in `filled`. */
export const icons = {
  calendar: 'M4 6h16v14H4z M4 10h16 M8 3v4 M16 3v4',
  camera: 'M3 8h3l2-3h8l2 3h3v11H3z M12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z',
  down: 'M5 9l7 7 7-7',
  filter: 'M4 6h16 M7 12h10 M10 18h4',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  play: 'M8 5v14l11-7z',
  backward: 'M16 5v14L5 12z',
  pause: 'M7 5h3.5v14H7z M13.5 5H17v14h-3.5z',
  nextEvent: 'M5 5v14l9-7z M16.5 5H19v14h-2.5z',
  previousEvent: 'M19 5v14l-9-7z M5 5h2.5v14H5z',
  stepForward: 'M9 6l6 6-6 6 M18 6v12',
  stepBack: 'M15 6l-6 6 6 6 M6 6v12',
  fullScreen: 'M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1 1 M14 10a4 4 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1-1',
  save: 'M12 4v11 M7 10.5l5 5 5-5 M5 20h14',
  overlay:
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  keys: 'M3 7h18v10H3z M7 10.5h.01 M11 10.5h.01 M15 10.5h.01 M8 14h8',
  gaps: 'M3 12h4 M17 12h4 M9 7l3 5-3 5 M13 7l3 5-3 5',
  zoom: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z M15.5 15.5L20 20 M8 10.5h5 M10.5 8v5',
  warning: 'M12 4l9 16H3z M12 10v4.5 M12 17.2h.01',
  empty: 'M4 6h16v12H4z M4 15l4-4 4 4 3-3 5 5',
} as const;

export type IconName = keyof typeof icons;
export const filled: ReadonlySet<IconName> = new Set<IconName>([
  'play',
  'backward',
  'pause',
  'nextEvent',
  'previousEvent',
]);
