import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { SettingsModel, shadowedSettings } from '../../../services/settings/settings.ts'
import type { SettingsPart } from '../../../services/settings/part.ts'
import backpressure from '../../../services/settings/parts/backpressure.ts'
import control from '../../../services/settings/parts/control.ts'

/** A part that a policy may bring one day: records, and fields without a default. */
const QUOTAS: SettingsPart = {
  schema: Type.Object({
    organizations: Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Object({
      eventsPerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }))
    }, { additionalProperties: false }))
  }, { additionalProperties: false }),
  defaults: () => ({ organizations: {} })
}

const model = new SettingsModel(
  [{ name: 'backpressure', value: backpressure }, { name: 'quotas', value: QUOTAS }],
  loadConfig({
    QUEUE_RECOVERY_THRESHOLD: '10',
    QUEUE_WARNING_THRESHOLD: '20',
    QUEUE_CRITICAL_THRESHOLD: '40',
    QUEUE_HARD_LIMIT: '80'
  })
)

const thresholds = (values: Record<string, unknown>) => ({ backpressure: { thresholds: values } })
const at = (...names: string[]) => names.map((name) => `backpressure.thresholds.${name}`)

t.test('names every wrong field of a patch, and no other', async (t) => {
  const table: [patch: unknown, fields: string[], overrides?: Record<string, unknown>][] = [
    [undefined, ['']], [null, ['']], [[], ['']], ['true', ['']], [7, ['']],
    [{ backpresure: {} }, ['backpresure']],
    [{ nonsense: null }, ['nonsense']],
    [{ backpressure: 5 }, ['backpressure']],
    [{ backpressure: [] }, ['backpressure']],
    [{ backpressure: { mode: true } }, ['backpressure.mode']],
    [{ backpressure: { mode: 'on', limit: 1 }, a: 1 }, ['backpressure.mode', 'backpressure.limit', 'a']],
    [{ backpressure: { thresholds: 'high' } }, ['backpressure.thresholds']],
    [
      thresholds({ warning: '20', critical: 1.5, recovery: 0, hardLimit: 1e10 }),
      at('warning', 'critical', 'recovery', 'hardLimit')
    ],
    [thresholds({ warning: 20, medium: 30 }), at('medium')],
    [thresholds({ warning: 40 }), at('warning')],
    [thresholds({ critical: 20 }), at('critical')],
    [thresholds({ recovery: 20, warning: 10 }), at('recovery', 'warning')],
    [
      thresholds({ recovery: 90, warning: 70, critical: 50, hardLimit: 30 }),
      at('recovery', 'warning', 'critical', 'hardLimit')
    ],
    [thresholds({ warning: 'x', critical: 5 }), at('warning', 'critical')],
    [thresholds({ critical: null }), at('critical'), thresholds({ hardLimit: 30, critical: 25 })],
    [{ backpressure: null }, []],
    [{ backpressure: { mode: 'observe' } }, at('hardLimit', 'critical').toSorted(), thresholds({ hardLimit: 40 })],
    [thresholds({ hardLimit: 41 }), [], thresholds({ hardLimit: 40 })],
    [{ quotas: { organizations: { a: { eventsPerSecond: 101 }, B: {}, c: { burst: 1 } } } },
      ['quotas.organizations.a.eventsPerSecond', 'quotas.organizations.B', 'quotas.organizations.c.burst']],
    [JSON.parse('{"__proto__": {"mode": 1}, "constructor": 1}'), ['__proto__', 'constructor']]
  ]
  for (const [patch, fields, overrides = {}] of table) {
    const checked = model.patch(overrides, patch)
    t.strictSame(checked.ok ? [] : checked.errors.map(({ field }) => field), fields, JSON.stringify(patch))
    if (!checked.ok)
      t.ok(checked.errors.every(({ message }) => message.startsWith('Expected ') || message === 'Unexpected property'))
  }
})

t.test('a patch merges into the overrides, and null returns a field to its configured value', async (t) => {
  const steps: [patch: object, overrides: object, mode: string, warning: number][] = [
    [{}, {}, 'true', 20],
    [thresholds({ warning: 30 }), thresholds({ warning: 30 }), 'true', 30],
    [
      { backpressure: { mode: 'observe' } },
      { backpressure: { thresholds: { warning: 30 }, mode: 'observe' } },
      'observe',
      30
    ],
    [thresholds({ warning: null }), { backpressure: { mode: 'observe' } }, 'observe', 20],
    [thresholds({ critical: null }), { backpressure: { mode: 'observe' } }, 'observe', 20],
    [{ backpressure: null }, {}, 'true', 20],
    [
      { quotas: { organizations: { a: { eventsPerSecond: 5 } } } },
      { quotas: { organizations: { a: { eventsPerSecond: 5 } } } },
      'true',
      20
    ],
    [{ quotas: { organizations: { a: null } } }, {}, 'true', 20]
  ]
  let overrides: Readonly<Record<string, unknown>> = {}
  for (const [patch, expected, mode, warning] of steps) {
    const checked = model.patch(overrides, patch)
    if (!checked.ok) return t.fail(JSON.stringify(checked.errors))
    const { settings } = checked
    t.strictSame([checked.overrides, settings.backpressure.mode, settings.backpressure.thresholds.warning], [
      expected,
      mode,
      warning
    ])
    t.ok(
      [settings, settings.backpressure, settings.backpressure.thresholds, checked.overrides].every(Object.isFrozen),
      'frozen'
    )
    overrides = checked.overrides
  }
  t.strictSame(model.configured.backpressure.thresholds, { warning: 20, critical: 40, recovery: 10, hardLimit: 80 })
})

t.test('a delay budget that is too short for the readings is refused while thresholds are adaptive', async (t) => {
  const part = [{ name: 'control', value: control }]
  const model = new SettingsModel(part, loadConfig({ DELAY_BUDGET_NORMAL_MS: '5000', QUEUE_SAMPLE_INTERVAL_MS: '600' }))
  const fieldsOf = (control: object, overrides = {}) => {
    const checked = model.patch(overrides, { control })
    return checked.ok ? [] : checked.errors.map(({ field }) => field)
  }
  t.strictSame(fieldsOf({ thresholds: 'adaptive' }), ['control.thresholds'])
  t.strictSame(fieldsOf({ thresholds: 'adaptive', budgetsMs: { normal: 5_999 } }),
    ['control.thresholds', 'control.budgetsMs.normal'])
  t.strictSame(fieldsOf({ budgetsMs: { normal: 5_999 } }, { control: { thresholds: 'adaptive' } }),
    ['control.budgetsMs.normal'])
  t.strictSame(fieldsOf({ thresholds: 'adaptive', budgetsMs: { normal: 6_000 } }), [])
  t.strictSame(fieldsOf({ budgetsMs: { normal: 5_000 } }), [], 'static ones do not depend on it')
  const checked = model.patch({}, { shadow: { control: { thresholds: 'adaptive' } } })
  t.strictSame(!checked.ok && checked.errors.map(({ field }) => field), ['shadow.control.thresholds'])
})

t.test('settings of control are those of the keys, within their bounds, and the given budgets are in order', async (t) => {
  const part = [{ name: 'control', value: control }]
  const model = new SettingsModel(part, loadConfig({ DELAY_BUDGET_NORMAL_MS: '1000', SHEDDING: 'smooth' }))
  t.strictSame(model.configured.control, {
    thresholds: 'static', budgetsMs: { critical: 2_000, normal: 1_000, low: 300_000 }, shedding: 'smooth',
    sampling: 'off', fairness: 'off', fairOrder: 'off', forecast: 'observe'
  }, 'configured budgets may be in any order')
  const table: [change: object, fields: string[], message?: string][] = [
    [{ thresholds: 'adaptive', sampling: 'low-and-normal', forecast: 'act', shedding: null }, []],
    [{ thresholds: 'dynamic', shedding: true, sampling: 'critical', fairness: 'yes', fairOrder: 1, forecast: 1 },
      ['thresholds', 'shedding', 'sampling', 'fairness', 'fairOrder', 'forecast'], 'Expected one of static, adaptive, or null'],
    [{ budgetsMs: { low: 0, normal: 1.5, critical: 86_400_001 } }, ['low', 'normal', 'critical'].map((name) => `budgetsMs.${name}`),
      'Expected integer from 1 to 86400000, or null'],
    [{ budgetsMs: { low: 400_000 } }, []],
    [{ budgetsMs: { normal: 2_000 } }, [], 'neighbours may be equal'],
    [{ budgetsMs: { normal: 1_500 } }, ['budgetsMs.normal'],
      'Expected values in the order critical (2000) ≤ normal (1500) ≤ low (300000)'],
    [{ budgetsMs: { low: 500 } }, ['budgetsMs.low']],
    [{ budgetMs: { low: 500 } }, ['budgetMs'], 'Unexpected property']
  ]
  for (const [change, fields, message] of table) {
    const checked = model.patch({}, { control: change })
    const errors = checked.ok ? [] : checked.errors
    t.strictSame(errors.map(({ field }) => field), fields.map((field) => `control.${field}`))
    if (message !== undefined && errors.length > 0) t.equal(errors[0]!.message, message)
  }
})

t.test('a shadow is a part of the settings, checked over those in force and never in force itself', async (t) => {
  const model = new SettingsModel(
    [{ name: 'backpressure', value: backpressure }, { name: 'control', value: control }], loadConfig({})
  )
  t.equal(shadowedSettings(model.configured), undefined)
  const shadow = { control: { thresholds: 'adaptive', budgetsMs: { normal: 5_000 } } }
  const checked = model.patch({}, { shadow })
  if (!checked.ok) return t.fail(JSON.stringify(checked.errors))
  t.strictSame([checked.overrides, checked.settings], [{ shadow }, { ...model.configured, shadow }])
  t.strictSame(shadowedSettings(checked.settings), {
    ...model.configured, control: {
      ...model.configured.control, thresholds: 'adaptive', budgetsMs: { critical: 2_000, normal: 5_000, low: 300_000 }
    }
  })
  t.match(model.changes({}, checked.overrides), [
    { field: 'shadow.control.thresholds', from: null, to: 'adaptive', isConfigured: false },
    { field: 'shadow.control.budgetsMs.normal', from: null, to: 5_000, isConfigured: false }
  ])
  for (const gone of [{ shadow: null }, { shadow: { control: null } }]) {
    const ended = model.patch(checked.overrides, gone)
    t.strictSame(ended.ok && [ended.overrides, ended.settings.shadow], [{}, undefined])
  }
  const table: [patch: object, fields: string[]][] = [
    [{ shadow: { control: { thresholds: 'dynamic', budgetsMs: { low: 0 } } } }, ['control.thresholds', 'control.budgetsMs.low']],
    [{ shadow: { controls: {}, shadow: {} } }, ['controls', 'shadow']],
    [{ shadow: { control: { budgetsMs: { normal: 1_000 } } } }, ['control.budgetsMs.normal']],
    [{ shadow: { backpressure: { thresholds: { warning: 60_000 } } } }, ['backpressure.thresholds.warning']]
  ]
  for (const [patch, fields] of table) {
    const answer = model.patch({}, patch)
    t.strictSame(!answer.ok && answer.errors.map(({ field }) => field), fields.map((field) => `shadow.${field}`))
  }
  const beside = { backpressure: { thresholds: { warning: 40_000 } } }
  const moved = model.patch({ shadow: beside }, { backpressure: { thresholds: { critical: 30_000 } } })
  t.strictSame(
    !moved.ok && [...new Set(moved.errors.map(({ field }) => field))],
    ['warning', 'critical'].map((name) => `shadow.backpressure.thresholds.${name}`),
    'a change of the settings in force that contradicts the shadow'
  )
  t.throws(() => new SettingsModel([{ name: 'shadow', value: control }], loadConfig({})), /named shadow/)
})

t.test('whatever patch is accepted leaves settings that are valid as a whole', async (t) => {
  const value = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(null), fc.constant('x'))
  const patch = fc.record({
    backpressure: fc.record({
      mode: fc.constantFrom('true', 'observe', 'false', null, 'sometimes'),
      thresholds: fc.record({ recovery: value, warning: value, critical: value, hardLimit: value }, {
        requiredKeys: []
      })
    }, { requiredKeys: [] })
  }, { requiredKeys: [] })
  let accepted = 0
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(patch, { maxLength: 5 }), (patches) => {
    let overrides: Readonly<Record<string, unknown>> = {}
    for (const each of patches) {
      const checked = model.patch(overrides, each)
      if (!checked.ok) continue
      accepted++
      overrides = checked.overrides
      const { recovery, warning, critical, hardLimit } = checked.settings.backpressure.thresholds
      const again = model.check(overrides)
      if (!(recovery < warning && warning < critical && critical < hardLimit) || !again.ok) return false
      t.strictSame(again.settings, checked.settings)
    }
    return true
  })))
  t.ok(accepted > 50)
})

t.test('tells which fields a change has set and which it returned to their configured values', async (t) => {
  t.strictSame(model.changes({}, { backpressure: { mode: 'true', thresholds: { warning: 30 } } }), [
    { field: 'backpressure.mode', from: 'true', to: 'true', isConfigured: false },
    { field: 'backpressure.thresholds.warning', from: 20, to: 30, isConfigured: false }
  ])
  t.strictSame(model.changes(thresholds({ warning: 30, critical: 50 }), thresholds({ critical: 50 })), [
    { field: 'backpressure.thresholds.warning', from: 30, to: 20, isConfigured: true }
  ])
})

t.test('a patch of any depth gets its errors', async (t) => {
  let nested: unknown = 1
  for (let depth = 0; depth < 20_000; depth++) nested = { a: nested }
  t.strictSame(model.patch({}, nested), { ok: false, errors: [{ field: 'a', message: 'Unexpected property' }] })
})
