/* A last line that a script can add up. */
import type { TestModule } from 'vitest/node';
import type { Reporter } from 'vitest/reporters';

export default class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) states[test.result().state]++;
      if (module.errors().length > 0) states.failed++;
    }
    const skipped = states.skipped > 0 ? `, ${states.skipped} skipped` : '';
    console.log(`${states.passed} passed, ${states.failed} failed${skipped}`);
  }
}
