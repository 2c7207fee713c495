import t from 'tap'
import type { State } from '../../../dashboard/contract.d.ts'
import {
  fieldsText,
  furtherFields,
  settingsPatch,
  thresholdFields,
  versionText
} from '../../../dashboard/figures/settings.js'
import { fieldOf } from '../../../services/settings/field-path.ts'
import { NOW, stateWith, THRESHOLDS } from './samples.ts'

const settingsWith = (changes: Partial<State['settings']>) =>
  stateWith({
    settings: { version: 7, thresholds: THRESHOLDS, overrides: {}, further: [], lastChange: null, ...changes }
  })

const FURTHER = [
  { field: 'quota.mode', value: 'true', isSet: false }, { field: 'quota.most', value: 3_000, isSet: true },
  { field: 'quota.isStrict', value: false, isSet: true }
]

t.test('the thresholds stand in ascending order, and further settings under their paths', async (t) => {
  t.equal(
    fieldsText(thresholdFields(stateWith())),
    'recovery 5,000, warning 10,000, critical 50,000, hard limit 1,000,000'
  )
  t.equal(
    fieldsText(furtherFields(settingsWith({ further: FURTHER }))),
    'quota.mode true, quota.most 3,000, quota.isStrict false'
  )
  t.equal(fieldsText(furtherFields(stateWith())), '')
})

t.test('the version says who changed what, and when', async (t) => {
  t.equal(versionText(stateWith()), 'as configured, never changed')
  const lastChange = {
    version: 7, at: new Date(NOW - 60_000).toISOString(), by: '10.0.0.1', changes: [
      { field: 'backpressure.thresholds.warning', from: 1, to: 20_000, isConfigured: false },
      { field: 'backpressure.mode', from: 'observe', to: 'true', isConfigured: true }
    ]
  }
  t.equal(versionText(settingsWith({ lastChange })), '7, 60 s ago by 10.0.0.1: warning 20,000, mode true (configured)')
  const changeOf = (field: string) =>
    ({ ...lastChange, changes: [{ field, from: 1, to: 7, isConfigured: false }] })
  for (const [field, text] of [
    ['quotas.organizations."eu.acme".weight', '"eu.acme".weight 7'], ['quotas.default.burst', 'default.burst 7'],
    ['control.budgetsMs.critical', 'budgetsMs.critical 7'], ['shadow.control.fairness', 'shadow.control.fairness 7']
  ] as const) t.equal(versionText(settingsWith({ lastChange: changeOf(field) })), `7, 60 s ago by 10.0.0.1: ${text}`)
  t.equal(
    versionText(settingsWith({ lastChange: { ...lastChange, changes: [], rollbackTo: 3 } })),
    '7, 60 s ago by 10.0.0.1: back to version 3, nothing'
  )
})

t.test('what was entered becomes a patch of what it changes', async (t) => {
  const fields = thresholdFields(settingsWith({ overrides: { backpressure: { thresholds: { warning: 10_000 } } } }))
  const patchOf = (entered: Record<string, string>) => settingsPatch(fields, Object.fromEntries(
    Object.entries({ warning: '10000', ...entered }).map(([name, text]) => [`backpressure.thresholds.${name}`, text])
  ))
  t.equal(patchOf({}), undefined)
  t.strictSame(patchOf({ warning: ' ' }), { backpressure: { thresholds: { warning: null } } })
  t.strictSame(patchOf({ warning: '20000', critical: '50001' }), {
    backpressure: { thresholds: { warning: 20_000, critical: 50_001 } }
  })
})

t.test('a text is read as a value of the type that the setting has', async (t) => {
  const fields = furtherFields(settingsWith({ further: FURTHER }))
  const shown = { 'quota.most': '3000', 'quota.isStrict': 'false' }
  t.equal(settingsPatch(fields, shown), undefined)
  t.strictSame(
    settingsPatch(fields, { 'quota.mode': 'observe', 'quota.most': '', 'quota.isStrict': 'true' }),
    { quota: { mode: 'observe', most: null, isStrict: true } }
  )
  t.strictSame(
    settingsPatch(fields, { ...shown, 'quota.most': 'many' }),
    { quota: { most: 'many' } },
    'the service says what is wrong'
  )
})

t.test('a name in quotes is one name, as the service writes it', async (t) => {
  const names = ['quotas', 'organizations', 'eu.acme "north" \\', 'weight']
  const field = names.reduce(fieldOf, '')
  const fields = furtherFields(settingsWith({ further: [{ field, value: 1, isSet: true }] }))
  t.strictSame(settingsPatch(fields, { [field]: '2' }), {
    quotas: { organizations: { 'eu.acme "north" \\': { weight: 2 } } }
  })
})

t.test('the thresholds are those that operators set, wherever adaptive ones are', async (t) => {
  const state = {
    ...stateWith(),
    thresholds: { recovery: 3_000, warning: 5_000, critical: 10_000, hardLimit: 1_000_000 }
  }
  t.strictSame(thresholdFields(state).map(({ value }) => value), [5_000, 10_000, 50_000, 1_000_000])
})
