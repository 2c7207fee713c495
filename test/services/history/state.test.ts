import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { stateOf, type StateSource } from '../../../services/history/state.ts'
import type { RegistryEntry } from '../../../services/registry/load-folder.ts'
import type { SettingsPart } from '../../../services/settings/part.ts'
import { SettingsInForce } from '../../../services/settings/settings-in-force.ts'
import { SettingsModel } from '../../../services/settings/settings.ts'
import backpressure from '../../../services/settings/parts/backpressure.ts'
import quotas from '../../../services/settings/parts/quotas.ts'
import { queueStatusOf } from '../../../services/status/queue-status.ts'
import { readingOf, startGate } from '../admission/setup.ts'
import { byPriority } from '../queue/setup.ts'

const NO_EVIDENCE: StateSource['control'] = { evidence: 'none', timeToEmptyMs: { critical: null, normal: null, low: null } }
const NO_FORECAST: StateSource['forecast'] = { mode: 'observe', forecast: [], skill: null, breachMs: null, preShedShare: 0 }

const REPLICA = { replica: 'host', version: '1.2.3', role: 'api', configuredMode: 'true', hasJobBrowser: true } as const
const WORKER = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }

function settingsInForce (...further: RegistryEntry<SettingsPart>[]) {
  const model = new SettingsModel([{ name: 'backpressure', value: backpressure }, ...further], loadConfig({}))
  return new SettingsInForce({ model, onBroken: () => {}, onUnknown: () => {}, onGone: () => {} })
}

async function startState (
  options: Parameters<typeof startGate>[0] = {}, more: Partial<Omit<StateSource, 'status'>> = {}
) {
  const started = await startGate(options)
  const source = {
    gate: started.gate,
    settings: settingsInForce(),
    workersNeeded: undefined,
    control: NO_EVIDENCE,
    forecast: NO_FORECAST,
    shadow: undefined,
    spool: undefined,
    refusals: [],
    topTypes: [],
    ...more
  }
  const state = ({
    reading, deadLetters, ...now
  }: Partial<StateSource> & { reading?: QueueReading, deadLetters?: number } = {}) =>
    stateOf(started.clock.now, REPLICA, {
      ...source,
      status: queueStatusOf({ gate: started.gate, reading, deadLetters, sampleIntervalMs: 100 }),
      ...now
    })
  return { ...started, state }
}

t.test('before the first reading nothing is taken for known', async (t) => {
  const { state, clock } = await startState()
  t.match(state(), {
    time: clock.now,
    ...REPLICA,
    mode: 'true',
    isKnown: false,
    asOf: null,
    lastKnown: null,
    health: 'unknown',
    circuitState: 'CLOSED',
    depth: null,
    utilizationPercent: null,
    timeToDrainSeconds: null,
    oldestWaitingSeconds: { critical: null, normal: null, low: null },
    isPaused: null,
    pausedForMs: null,
    workers: null,
    arrivalRate: null,
    drainRate: null,
    workersNeeded: null,
    deadLetters: null,
    spool: null,
    decisions: {
      critical: { admitted: true },
      normal: { admitted: false, reason: 'queue-unavailable' },
      low: { admitted: false, reason: 'queue-unavailable' }
    }
  })
})

t.test('shows the last reading and what would be decided', async (t) => {
  const { gate, clock, state } = await startState()
  const ages = byPriority({ 2: 1_000, 5: 2_500, 9: 300 }).map((age) => age === 0 ? null : age)
  const reading = readingOf({ 5: 500 }, {
    isPaused: true,
    pausedForMs: 70,
    workers: [WORKER],
    oldestWaitingMsByPriority: ages
  })
  clock.now += 100
  gate.observe(reading)
  clock.now += 40
  const spool = { events: 1, bytes: 4_096, maxBytes: 8_192 }
  t.match(state({ reading, workersNeeded: 4, deadLetters: 3, spool }), {
    snapshotAgeMs: 40,
    health: 'critical',
    circuitState: 'OPEN',
    circuitSince: clock.now - 40,
    depth: 500,
    utilizationPercent: 100,
    oldestWaitingSeconds: { critical: null, normal: 2.5, low: 0.3 },
    isPaused: true,
    pausedForMs: 70,
    workers: [WORKER],
    workersNeeded: 4,
    deadLetters: 3,
    spool,
    thresholds: { recovery: 50, warning: 100, critical: 500 },
    decisions: {
      critical: { admitted: true, route: 'queue' },
      normal: { admitted: false, reason: 'circuit-open', retryAfterSeconds: Number },
      low: { admitted: false, reason: 'circuit-open' }
    }
  })
  t.strictSame(Object.keys(state({ reading }).decisions.normal), ['admitted', 'reason', 'retryAfterSeconds'])
  gate.lose(new Error('no answer'))
  t.match(state({ reading, workersNeeded: 4, deadLetters: 3 }), {
    isKnown: false,
    health: 'unknown',
    depth: null,
    utilizationPercent: null,
    arrivalRate: null,
    drainRate: null,
    oldestWaitingSeconds: { normal: null },
    isPaused: null,
    pausedForMs: null,
    workers: null, workersNeeded: null, deadLetters: null, problems: [],
    lastKnown: {
      at: new Date(clock.now - 40).toISOString(), queueDepth: 500, workers: 1, circuitState: 'OPEN', isPaused: true,
      deadLetters: 3
    }
  })
})

t.test('shows events that go to the spool as such', async (t) => {
  const { state } = await startState({
    spool: { classes: new Set<PriorityClass>(['critical', 'normal']), canWrite: true }
  })
  t.match(state().decisions, {
    critical: { admitted: true, route: 'spool' }, normal: { admitted: true, route: 'spool' }, low: { admitted: false }
  })
})

t.test('tells how long the queue takes to drain if all goes on as it does, and nothing where nobody takes a batch', async (t) => {
  const { gate, clock, state } = await startState()
  const observe = (depth: number, done: number, enqueued: number, more: Partial<QueueReading> = {}) => {
    clock.now += 1_000
    const reading = readingOf(
      { 5: depth },
      { done, enqueuedByPriority: byPriority({ 5: enqueued }), workers: [WORKER], ...more }
    )
    gate.observe(reading)
    return state({ reading }).timeToDrainSeconds
  }
  t.equal(observe(400, 0, 400), null, 'nothing moves yet')
  t.equal(observe(300, 100, 400), 3)
  t.equal(observe(300, 100, 400, { isPaused: true }), null, 'paused')
  t.equal(observe(300, 100, 400, { workers: [] }), null, 'nobody works')
  t.ok(observe(300, 200, 500) as number > 3)
  for (let second = 1; second < 200; second++) observe(300, 200 + second * 100, 500 + second * 100)
  t.equal(observe(300, 20_200, 20_500), null, 'as much comes as goes')
  t.equal(observe(0, 20_500, 20_500), 0)
})

t.test('tells of the settings without the overrides that each change left', async (t) => {
  const settings = settingsInForce()
  const { thresholds } = settings.current.settings.backpressure
  const { state } = await startState({}, { settings })
  t.strictSame(state().settings, { version: 0, thresholds, overrides: {}, further: [], lastChange: null })
  const overrides = { backpressure: { mode: 'observe' } }
  settings.observe({ version: '4', at: '1000', record: JSON.stringify({ overrides, by: '::1', changes: [] }) })
  t.strictSame(state().settings, {
    version: 4,
    thresholds,
    overrides,
    further: [],
    lastChange: { version: 4, at: '1970-01-01T00:00:01.000Z', by: '::1', changes: [] }
  })
})

t.test('tells of further settings, whether operators have set them, and of no more than a page shows', async (t) => {
  const values = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, index]))
  const schema = Type.Object(Object.fromEntries(Object.keys(values).map((name) => [name, Type.Integer()])))
  const settings = settingsInForce({ name: 'quota', value: { schema, defaults: () => values } })
  const overrides = { quota: { f1: 7 } }
  settings.observe({ version: '1', at: '1000', record: JSON.stringify({ overrides, by: '::1', changes: [] }) })
  const { state } = await startState({}, { settings })
  const { further } = state().settings
  t.strictSame(further.slice(0, 2), [
    { field: 'quota.f0', value: 0, isSet: false }, { field: 'quota.f1', value: 7, isSet: true }
  ])
  t.equal(further.length, 50)
})

t.test('tells of the values of organizations last, so that many of them hide no other setting', async (t) => {
  const settings = settingsInForce({ name: 'quotas', value: quotas })
  const organizations = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`o${index}`, { weight: 2 }]))
  const overrides = { quotas: { organizations, default: { eventsPerSecond: 5 } } }
  settings.observe({ version: '1', at: '1000', record: JSON.stringify({ overrides, by: '::1', changes: [] }) })
  const { state } = await startState({}, { settings })
  const fields = state().settings.further.map(({ field }) => field)
  t.strictSame(fields.slice(0, 5), [
    'quotas.mode', 'quotas.enforcement', 'quotas.whileAway', 'quotas.default.eventsPerSecond', 'quotas.organizations.o0.weight'
  ])
  t.equal(fields.length, 50)
})

t.test('shows the depth to come and the breach while the queue can be read, and nothing while the forecast is off', async (t) => {
  const { gate, state } = await startState()
  const reading = readingOf({ 5: 10 })
  gate.observe(reading)
  t.match(state({ reading }), { forecast: [], breachMs: null })
  const depths = [10_000, 30_000].map((horizonMs) => (
    { horizonMs, depth: horizonMs / 100, low: null, high: null, skill: 0.2, isTrusted: horizonMs < 20_000 }
  ))
  const forecast = { ...NO_FORECAST, breachMs: 900, forecast: depths }
  t.match(state({ reading, forecast }), { forecast: depths, breachMs: 900 })
  t.equal(state({ reading, forecast: { ...NO_FORECAST, mode: 'off' } }).forecast, null)
  gate.lose(new Error('no answer'))
  t.strictSame(state({ forecast }).forecast, [])
})

t.test('lists no settings of a shadow, which has a panel of its own', async (t) => {
  const settings = settingsInForce()
  const { state } = await startState({}, {
    settings: {
      lastChange: undefined,
      current: {
        ...settings.current, settings: { ...settings.current.settings, shadow: { quota: { most: 1 } }, quota: { most: 2 } }
      }
    }
  })
  t.strictSame(state().settings.further, [{ field: 'quota.most', value: 2, isSet: false }])
})

t.test('shows the time to empty only with present evidence of the capacity', async (t) => {
  const { gate, state } = await startState()
  const reading = readingOf({ 5: 10 })
  gate.observe(reading)
  const timeToEmptyMs = { critical: 0, normal: 4_000, low: null }
  for (const evidence of ['busy', 'utilisation'] as const) {
    t.strictSame(state({ reading, control: { evidence, timeToEmptyMs } }).timeToEmptyMs, timeToEmptyMs, evidence)
  }
  for (const evidence of ['held', 'none'] as const) {
    t.equal(state({ reading, control: { evidence, timeToEmptyMs } }).timeToEmptyMs, null, evidence)
  }
  gate.lose(new Error('no answer'))
  t.equal(state({ control: { evidence: 'busy', timeToEmptyMs } }).timeToEmptyMs, null, 'the queue cannot be read')
})
