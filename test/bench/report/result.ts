import type { BenchResult, RatioResult, ScenarioResult } from '../../../bench/result.ts'

/** A ratio with a bar that it reaches, unless overridden. */
export function ratioOf (overrides: Partial<RatioResult> = {}): RatioResult {
  return {
    what: 'accepts',
    of: 'spillway',
    to: 'bare',
    metric: 'eventsPerSecond',
    value: 0.9723,
    perRound: [0.96, 0.99, 0.9723],
    bar: { atLeast: 0.95 },
    ...overrides
  }
}

/** A scenario of two subjects and no ratio, unless overridden. */
export function scenarioOf (overrides: Partial<ScenarioResult> = {}): ScenarioResult {
  const spillway = { eventsPerSecond: 26_400.4, serverMicrosPerEvent: 28.04, redisMicrosPerEvent: 3.1, p99Ms: 4.25 }
  const bare = { eventsPerSecond: 27_151.9, serverMicrosPerEvent: 27, p99Ms: 3.1 }
  return {
    name: 'single',
    title: 'Single posts',
    ratios: [],
    subjects: [{ name: 'spillway', samples: [spillway], median: spillway }, {
      name: 'bare',
      samples: [bare],
      median: bare
    }],
    ...overrides
  }
}

/** A result of three rounds with these scenarios. */
export function resultOf (...scenarios: ScenarioResult[]): BenchResult {
  return {
    machine: { cpu: 'Some CPU', cores: 2, node: '24.21.0', redis: '7.0.15' },
    startedAt: '2026-03-01T10:00:00.000Z',
    rounds: 3,
    scenarios
  }
}
