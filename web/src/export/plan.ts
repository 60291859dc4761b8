/* What can be exported and how: pure. */
import { apiUrl } from '../api/client.ts';
import type { ExportJob } from '../api/types.ts';

/** Frames of one camera, both ends included; times as the API gives them or in milliseconds. */
export interface ExportStretch {
  camera: string;
  from: string | number;
  to: string | number;
  frames?: number;
  bytes?: number;
}

export const FORMATS = ['mov', 'mp4', 'zip', 'mjpeg'] as const;
export type ExportFormat = (typeof FORMATS)[number];

/** Sent at once by the server; everything else is made in the background first. */
export function isDirect(format: ExportFormat, stretches: readonly ExportStretch[]): boolean {
  return stretches.length === 1 && format !== 'mp4';
}

export function directUrl(format: ExportFormat, stretch: ExportStretch): string {
  const { camera, from, to } = stretch;
  return apiUrl('/api/v1/export', { camera, from, to, format });
}

export interface Sums {
  stretches: number;
  cameras: string[];
  /** null when some stretch does not say. */
  frames: number | null;
  bytes: number | null;
}

export function sums(stretches: readonly ExportStretch[]): Sums {
  const total = (of: (stretch: ExportStretch) => number | undefined) =>
    stretches.reduce<number | null>((sum, stretch) => {
      const more = of(stretch);
      return sum === null || more === undefined ? null : sum + more;
    }, 0);
  return {
    stretches: stretches.length,
    cameras: [...new Set(stretches.map((stretch) => stretch.camera))],
    frames: total((stretch) => stretch.frames),
    bytes: total((stretch) => stretch.bytes),
  };
}

export function isOver(job: ExportJob): boolean {
  return job.state !== 'waiting' && job.state !== 'running';
}

/** The list, the newest first, after one of it has changed. What is told live has fewer stretches. */
export function merged(list: readonly ExportJob[], job: ExportJob): ExportJob[] {
  const old = list.find((one) => one.id === job.id);
  if (job.state === 'removed') return list.filter((one) => one !== old);
  if (!old) return [job, ...list].sort((a, b) => Number(b.id) - Number(a.id));
  /* Answers and messages cross; what is over does not begin again. */
  if (isOver(old) && !isOver(job)) return [...list];
  const stretches = old.stretches.length > job.stretches.length ? old.stretches : job.stretches;
  return list.map((one) => (one === old ? { ...job, stretches } : one));
}
