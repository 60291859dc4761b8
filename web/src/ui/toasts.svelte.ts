/* Short messages about what was just done, each with at most one thing to do about it: "3 events
 * deleted" [Undo]. Shown and announced by Toasts.svelte, wherever one goes meanwhile. */

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  text: string;
  kind?: 'info' | 'error';
  action?: ToastAction;
  /** How long it stays; longer when there is something to do. Never less than one can read. */
  ms?: number;
}

export interface ShownToast extends Toast {
  id: number;
}

const SHOWN_MOST = 4;
const INFO_MS = 5000;
const ACTION_MS = 12_000;

class Toasts {
  list = $state.raw<ShownToast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #held = false;

  /** Shows it; what is given back takes it away again. */
  show(toast: Toast): () => void {
    const id = this.#next++;
    this.list = [...this.list, { ...toast, id }];
    for (const old of this.list.slice(0, -SHOWN_MOST)) this.dismiss(old.id);
    if (!this.#held) this.#start(id);
    return () => this.dismiss(id);
  }

  /** Something failed; `error` is what was thrown. */
  failed(text: string, error: unknown, action?: ToastAction): () => void {
    const detail = error instanceof Error ? error.message : String(error);
    const whole = detail ? `${text}: ${detail}` : text;
    return this.show({ text: whole, kind: 'error', ...(action ? { action } : {}) });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
    /* The focus went with the last of them, and not every browser says so. */
    if (this.list.length === 0) this.#held = false;
  }

  run(toast: ShownToast): void {
    this.dismiss(toast.id);
    toast.action?.run();
  }

  /** None goes while somebody has the mouse or the focus on them. */
  hold(): void {
    this.#held = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const toast of this.list) this.#start(toast.id);
  }

  #start(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    if (!toast) return;
    const ms = toast.ms ?? (toast.action || toast.kind === 'error' ? ACTION_MS : INFO_MS);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), ms),
    );
  }
}

export const toasts = new Toasts();
