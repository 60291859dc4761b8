/*
 * When a date or month that is typed is meant. While one types, the browser tells of the year 0002
 * and of the first month of twelve; so what is typed counts when one stops, presses Enter or goes
 * on, what is picked in the browser's calendar at once. Of browsers that have no such field for
 * months it is a line of text, which is put right when it makes no sense.
 */
import { isDate } from '../time/zone.ts';

const TYPED_MS = 800;

/** Whether a field's value is a whole date or month that somebody can mean. */
export function isMeant(value: string): boolean {
  return !value.startsWith('0') && (isDate(value) || isDate(`${value}-01`));
}

/** An attachment. `now`: what the field shows; `onpick`: something else is meant, '' for nothing. */
export function dated(now: () => string, onpick: (value: string) => void) {
  return (input: HTMLInputElement) => {
    let typing = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    function take() {
      clearTimeout(timer);
      const { value } = input;
      const empty = value === '' && !input.validity.badInput;
      if (value !== now() && (empty || isMeant(value))) onpick(value);
    }
    function onKey({ key }: KeyboardEvent) {
      typing = true;
      if (key === 'Enter') take();
    }
    function onChange() {
      clearTimeout(timer);
      if (typing) timer = setTimeout(take, TYPED_MS);
      else take();
    }
    function onBlur() {
      take();
      typing = false;
      if (input.value !== now()) input.value = now();
    }
    const onPointer = () => (typing = false);

    input.addEventListener('keydown', onKey);
    input.addEventListener('pointerdown', onPointer);
    input.addEventListener('change', onChange);
    input.addEventListener('blur', onBlur);
    return () => {
      clearTimeout(timer);
      input.removeEventListener('keydown', onKey);
      input.removeEventListener('pointerdown', onPointer);
      input.removeEventListener('change', onChange);
      input.removeEventListener('blur', onBlur);
    };
  };
}
