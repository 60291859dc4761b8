/* The words of marks, and of doing something to many events at a time. */
import { bytes, count } from '../time/format.ts';

const events = (n: number) => `${count(n)} ${n === 1 ? 'event' : 'events'}`;

export const m = {
  reviewed: 'Reviewed',
  notReviewed: 'Not reviewed',
  pinned: 'Pinned',
  notPinned: 'Not pinned',
  noted: 'With note',
  notNoted: 'Without note',
  marks: 'Marks',
  notes: (texts: string[]) =>
    `${texts.length === 1 ? 'Note' : 'Notes'}: ${texts.map((text) => text.trim()).join(' · ')}`,
  choose: (what: string) => `Choose ${what}`,
  bar: 'What to do with the chosen events',
  chosen: (n: number) => `${count(n)} chosen`,
  allMatch: (n: number) => `Choose all ${count(n)} that match`,
  allChosen: (n: number) => `All ${count(n)} that match are chosen`,
  clear: 'Choose none',
  review: 'Mark reviewed',
  unreview: 'Mark not reviewed',
  pin: 'Pin',
  unpin: 'Unpin',
  note: 'Note',
  export: 'Export',
  delete: 'Delete',
  stop: 'Stop',
  doing: {
    review: 'Marking reviewed',
    unreview: 'Marking not reviewed',
    pin: 'Pinning',
    unpin: 'Unpinning',
    delete: 'Deleting',
    undo: 'Undoing',
  },
  progress: (what: string, done: number, total: number) =>
    `${what}: ${count(done)} of ${count(total)}`,
  done: {
    review: (n: number) => `${events(n)} marked reviewed`,
    unreview: (n: number) => `${events(n)} marked not reviewed`,
    pin: (n: number) => `${events(n)} pinned`,
    unpin: (n: number) => `${events(n)} unpinned`,
  },
  deleted: (n: number, size: number) => `${events(n)} deleted (${bytes(size)})`,
  nothingDeleted: 'Nothing was deleted',
  keptPinned: (n: number) => `${count(n)} pinned ${n === 1 ? 'frame' : 'frames'} kept`,
  keptReadonly: (n: number) =>
    `${count(n)} ${n === 1 ? 'frame' : 'frames'} kept: cctvweb does not manage their folder`,
  restored: 'Everything deleted is back',
  undone: 'Undone',
  failed: {
    mark: 'This could not be marked',
    delete: 'This could not be deleted',
    undo: 'This could not be undone',
    note: 'The note could not be saved',
    readNotes: 'The notes could not be read',
    read: 'The events could not be read',
  },
  stopped: (n: number) => `Stopped after ${events(n)}`,
  tooManyToExport: 'At most 1,000 events can be exported at a time',
  ask: {
    title: (n: number) => `Delete ${events(n)}?`,
    text: 'They can be brought back for a while: by Undo, or on the System page. Pinned frames stay.',
    yes: (n: number) => `Delete ${events(n)}`,
  },
  noteDialog: {
    title: 'Notes',
    label: 'New note',
    save: 'Save note',
    change: (text: string) => `Change note: ${text.slice(0, 40)}`,
    changed: 'Change the note',
    erase: (text: string) => `Erase note: ${text.slice(0, 40)}`,
    none: 'No notes on this event yet.',
    when: (text: string) => `written ${text}`,
    of: (camera: string, time: string) => `${camera}, ${time}`,
  },
};
