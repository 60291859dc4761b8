/* How a camera does, in plain words. Pure. */
import type { Camera } from '../api/types.ts';
import { c } from '../strings/cameras.ts';
import { ago, length } from '../time/format.ts';
import { silenceOf } from './silence.ts';

export interface HealthLine {
  what: string;
  level: 'good' | 'info' | 'warn';
  text: string;
  help?: string;
}

/** Less is how long a picture is on its way. */
export const SKEW_FINE_S = 10;
export const SKEW_WARN_S = 60;
const HALF_HOUR = 1800;

const roughly = (seconds: number) =>
  seconds < 60
    ? `${Math.round(seconds)} s`
    : seconds < 3600
      ? `${Math.round(seconds / 60)} min`
      : seconds < 86_400
        ? length(Math.round(seconds / 60) * 60)
        : `${Math.round(seconds / 86_400)} d`;

/** Seconds from capture to arrival: above 0 the clock is behind. */
export function clockWords(skew: number): Omit<HealthLine, 'what'> {
  const off = Math.abs(skew);
  if (off < SKEW_FINE_S) return { level: 'good', text: c.health.clockRight };
  const text = (skew > 0 ? c.health.clockBehind : c.health.clockAhead)(roughly(off));
  if (off < SKEW_WARN_S) return { level: 'info', text };
  const quarters = off / 900;
  const zoned = off >= HALF_HOUR - 120 && Math.abs(quarters - Math.round(quarters)) * 900 < 120;
  return { level: 'warn', text, help: zoned ? c.health.clockZone : c.health.clockSet };
}

function clockLine({ health }: Camera): Omit<HealthLine, 'what'> | null {
  if (health.time_source === null) return null;
  if (health.time_source === 'received') return { level: 'info', text: c.health.clockNone };
  if (health.clock_skew === null) return { level: 'info', text: c.health.clockUnknown };
  return clockWords(health.clock_skew);
}

function arrivalLine(camera: Camera, now: number): Omit<HealthLine, 'what'> {
  const { health } = camera;
  if (camera.disabled) return { level: 'info', text: c.health.disabled };
  if (camera.latest === null) return { level: 'info', text: c.health.empty };
  /* A camera that sends nothing is told of by nobody: its state is what the page found itself. */
  const last = camera.state === 'live' ? null : (health.silent_since ?? camera.last_received);
  if (last === null) return { level: 'good', text: c.health.live };
  const since = ago(Date.parse(last), now);
  return silenceOf(camera, now) === 'silent'
    ? { level: 'warn', text: c.health.overdue(since), help: c.health.overdueHelp }
    : { level: 'info', text: c.health.quiet(since) };
}

function refusedLine(camera: Camera): Omit<HealthLine, 'what'> {
  if (!camera.rejected) return { level: 'good', text: c.health.refusedNone };
  const reasons = camera.health.rejected.map(
    ({ reason, count }) => `${c.health.reasons[reason] ?? reason} (${count})`,
  );
  const text = c.health.refusedSome(camera.rejected);
  return reasons.length > 0
    ? { level: 'info', text, help: reasons.join(', ') }
    : { level: 'info', text };
}

export function healthLines(camera: Camera, now: number): HealthLine[] {
  const { health } = camera;
  const lines: HealthLine[] = [{ what: c.health.arrival, ...arrivalLine(camera, now) }];
  const clock = clockLine(camera);
  if (clock) lines.push({ what: c.health.clock, ...clock });
  if (camera.latest) {
    const usual =
      health.usual_rate === null
        ? c.health.rateYoung
        : c.health.rateUsual(health.usual_rate, health.usual_days);
    const text = `${c.health.rateNow(health.rate)}, ${usual}`;
    lines.push({ what: c.health.rate, level: 'info', text });
  }
  if (camera.account !== null || camera.rejected > 0) {
    lines.push({ what: c.health.refused, ...refusedLine(camera) });
  }
  return lines;
}
