/* What was chosen last, kept by the browser: most people want the same again. */
import { FORMATS, type ExportFormat } from './plan.ts';

const KEY = 'export';

interface Kept {
  format: ExportFormat;
  burnIn: boolean;
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    const format = FORMATS.find((one) => one === kept.format) ?? 'mov';
    return { format, burnIn: kept.burnIn === true };
  } catch {
    return { format: 'mov', burnIn: false };
  }
}

class Choice {
  #kept = $state<Kept>(read());

  get format(): ExportFormat {
    return this.#kept.format;
  }
  set format(format: ExportFormat) {
    this.#kept.format = format;
    this.#write();
  }
  get burnIn(): boolean {
    return this.#kept.burnIn;
  }
  set burnIn(burnIn: boolean) {
    this.#kept.burnIn = burnIn;
    this.#write();
  }

  #write(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      /* a browser that keeps nothing asks again */
    }
  }
}

export const choice = new Choice();
