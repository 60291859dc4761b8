/* What a camera that cannot quite do it leaves with a server that receives. */
import type { Reception } from './world.ts';

const at = (s: number) => new Date(Date.parse('2014-05-23T19:08:00Z') + s * 1000).toISOString();
const said: ['camera' | 'server', string][] = [
  ['server', '220 cctvweb ready'],
  ['camera', 'USER courtyard'],
  ['server', '331 password, please'],
  ['camera', 'PASS ****'],
  ['server', '230 welcome'],
  ['camera', 'STOR 2014/05/23/cut.jpg'],
  ['server', '550 not a complete picture: it ends after 20,480 bytes'],
];

export const reception: Reception = {
  quarantine: Array.from({ length: 130 }, (_, i) => ({
    time: at(-60 * i),
    name: `2014/05/23/cut-${i}.jpg`,
    bytes: 20_480 + i,
    reason: 'The picture ends in the middle: the transfer was cut',
    url: `/api/v1/cameras/courtyard/quarantine/q${i}`,
  })),
  attachments: [
    {
      time: at(5),
      name: 'clip.mp4',
      bytes: 5_400_000,
      reason: null,
      url: '/api/v1/cameras/courtyard/attachments/a1',
    },
  ],
  log: Array.from({ length: 200 }, (_, i) => {
    const [from, text] = said[i % said.length] ?? ['server', ''];
    return { time: at(i - 200), peer: '192.0.2.7:40312', from, text };
  }),
  facts: { account: 'courtyard', new: true, disabled: false, rejected: 130 },
};
