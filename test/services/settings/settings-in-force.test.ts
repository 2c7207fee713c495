import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { SettingsInForce } from '../../../services/settings/settings-in-force.ts'
import { SettingsModel } from '../../../services/settings/settings.ts'
import backpressure from '../../../services/settings/parts/backpressure.ts'

function follow () {
  const told: string[] = []
  const inForce = new SettingsInForce({
    model: new SettingsModel([{ name: 'backpressure', value: backpressure }], loadConfig({})),
    onBroken: (reason, version) => { told.push(`${version} ${reason}`) },
    onUnknown: (fields, version) => { told.push(`${version} unknown ${fields.join()}`) },
    onGone: ({ version }) => { told.push(`gone ${version}`) }
  })
  return { inForce, told }
}

const fieldsOf = (version: string, overrides: unknown, more: object = {}) =>
  ({ version, at: '1000', record: JSON.stringify({ overrides, by: '::1', changes: [], ...more }) })

t.test('follows the settings in Redis, and knows them again', async (t) => {
  const { inForce, told } = follow()
  t.strictSame([inForce.fingerprint, inForce.current.version, inForce.lastChange], ['', 0, undefined])
  inForce.observe({})
  t.strictSame([inForce.fingerprint, inForce.current.version], ['::0', 0])
  const fields = fieldsOf('3', { backpressure: { mode: 'observe' } })
  inForce.observe(fields)
  t.strictSame(inForce.fingerprint, `3:1000:${fields.record.length}`)
  t.match(inForce.current, {
    version: 3,
    settings: { backpressure: { mode: 'observe' } },
    overrides: { backpressure: { mode: 'observe' } }
  })
  t.match(inForce.lastChange, { version: 3, at: '1970-01-01T00:00:01.000Z', by: '::1' })
  inForce.observe(undefined)
  t.equal(inForce.current.version, 3)
  inForce.observe(fieldsOf('2', {}))
  t.strictSame(
    [inForce.current.version, inForce.current.settings.backpressure.mode],
    [2, 'true'],
    'a Redis that failed over may go back'
  )
  t.strictSame(told, [])
})

t.test('settings to try have the same document until operators change it', async (t) => {
  const { inForce } = follow()
  const tried = (critical: number) => ({ backpressure: { thresholds: { critical } } })
  t.equal(inForce.trial, undefined)
  inForce.observe(fieldsOf('1', { shadow: tried(20_000) }))
  const first = inForce.trial
  t.match(first, { settings: { backpressure: { mode: 'true', thresholds: { critical: 20_000 } } }, document: tried(20_000) })
  t.equal(inForce.current.settings.backpressure.thresholds.critical, 50_000)
  inForce.observe(fieldsOf('2', { backpressure: { mode: 'observe' }, shadow: tried(20_000) }))
  t.equal(inForce.trial?.document, first?.document)
  t.equal(inForce.trial?.settings.backpressure.mode, 'observe', 'over the settings in force')
  inForce.observe(fieldsOf('3', { shadow: tried(30_000) }))
  t.not(inForce.trial?.document, first?.document)
  inForce.observe(fieldsOf('4', {}))
  t.equal(inForce.trial, undefined)
})

t.test('a process without settings takes the latest good ones of a history, and no others after that', async (t) => {
  const { inForce } = follow()
  const changeOf = (version: number, mode: string) => ({
    version,
    at: '',
    by: '::1',
    changes: [],
    overrides: { backpressure: { mode } }
  })
  inForce.observe({ version: '9', at: '1000', record: '{' })
  inForce.recover([changeOf(9, 'on'), changeOf(8, 'observe'), changeOf(7, 'false')])
  t.strictSame([inForce.current.version, inForce.current.settings.backpressure.mode], [8, 'observe'])
  inForce.recover([changeOf(10, 'false')])
  t.equal(inForce.current.version, 8)
})

t.test('fields that another version or a policy that is gone has set do not keep the others from being in force', async (t) => {
  const { inForce, told } = follow()
  const overrides = { quota: { limit: 5 }, backpressure: { mode: 'observe', pace: 3 }, toString: 1 }
  inForce.observe(fieldsOf('6', overrides))
  t.strictSame([inForce.current.version, inForce.current.settings], [6, { backpressure: {
    mode: 'observe', thresholds: { warning: 10_000, critical: 50_000, recovery: 5_000, hardLimit: 1_000_000 }
  } }])
  t.strictSame(inForce.current.overrides, overrides, 'they stay')
  t.strictSame(told, ['6 unknown quota.limit,backpressure.pace,toString'])
})

t.test('broken settings leave those that were in force, and are told of once', async (t) => {
  const good = fieldsOf('5', { backpressure: { mode: 'observe' } })
  const table: [fields: Record<string, string>, reason: RegExp][] = [
    [{}, /^0 somebody deleted them$/],
    [{ ...good, version: 'six' }, /not JSON/],
    [{ ...good, version: '-6' }, /not JSON/],
    [{ ...good, at: 'noon' }, /not JSON/],
    [{ ...good, record: '{' }, /^5 they are not JSON/],
    [{ version: '6', at: '1000' }, /^6 they are not JSON/],
    [{ ...good, record: 'null' }, /not JSON/],
    [{ ...good, record: '{"overrides": [], "by": "a", "changes": []}' }, /not JSON/],
    [fieldsOf('6', { backpressure: { mode: 'on' } }), /^6 backpressure\.mode: Expected one of true, observe, false/],
    [fieldsOf('6', { backpressure: { thresholds: { warning: 50_000 } } }), /warning: Expected values in the order/]
  ]
  for (const [fields, reason] of table) {
    const { inForce, told } = follow()
    inForce.observe(good)
    inForce.observe(fields)
    inForce.observe({ ...fields })
    t.match(
      [inForce.current.version, inForce.current.settings.backpressure.mode, inForce.fields],
      [5, 'observe', good],
      JSON.stringify(fields)
    )
    t.match(told.filter((text) => !text.startsWith('gone')), [reason])
    t.equal(told.filter((text) => !text.startsWith('gone')).length, 1)
    // Settings that are gone are restored with each reading: they may be deleted again before one has them.
    t.equal(told.filter((text) => text === 'gone 5').length, fields.version === undefined ? 2 : 0)
    inForce.observe(fieldsOf('7', {}))
    t.equal(inForce.current.version, 7)
  }
})
