import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import quotas, { MOST_ORGANIZATIONS } from '../../../services/settings/parts/quotas.ts'
import { SettingsModel } from '../../../services/settings/settings.ts'

const model = new SettingsModel([{ name: 'quotas', value: quotas }], loadConfig({}))

const named = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`o${index}`, { weight: 1 }]))

t.test('a thousand organizations may have values of their own', async (t) => {
  const checked = model.patch({}, { quotas: { organizations: named(MOST_ORGANIZATIONS) } })
  if (!checked.ok) return t.fail('it is too much')
  t.match(model.patch(checked.overrides, { quotas: { organizations: { last: { weight: 1 } } } }), {
    ok: false, errors: [{ field: 'quotas.organizations', message: /at most 1000 organizations.* 1001/ }]
  })
  const instead = { quotas: { organizations: { last: { weight: 1 }, o0: null } } }
  t.match(model.patch(checked.overrides, instead), { ok: true })
})

t.test('names each wrong value of a quota', async (t) => {
  const wrong = {
    mode: 'on', enforcement: 'firm', whileAway: 1, default: { eventsPerSecond: 0, burst: 0.5, bytesPerSecond: 0 },
    organizations: { acme: { weight: 0, eventsPerSecond: '7' }, '': { weight: 1 }, ['x'.repeat(257)]: {} }
  }
  const checked = model.patch({}, { quotas: wrong })
  t.strictSame(checked.ok ? [] : checked.errors.map(({ field }) => field.slice(0, 41)), [
    'quotas.mode', 'quotas.enforcement', 'quotas.whileAway',
    'quotas.default.eventsPerSecond', 'quotas.default.burst', 'quotas.default.bytesPerSecond',
    'quotas.organizations.acme.weight', 'quotas.organizations.acme.eventsPerSecond',
    'quotas.organizations.""', `quotas.organizations.${'x'.repeat(20)}`
  ])
})

t.test('the name of an organization is well-formed, as in events', async (t) => {
  const patch = { quotas: { organizations: { '\ud83d': { weight: 2 }, '\u{1f600}': { weight: 2 } } } }
  t.match(model.patch({}, patch), {
    ok: false, errors: [{ field: 'quotas.organizations.\ud83d', message: /well-formed Unicode/ }]
  })
})

t.test('null gives an organization the default again', async (t) => {
  const first = model.patch({}, { quotas: { default: { eventsPerSecond: 5 }, organizations: { acme: { burst: 9 } } } })
  if (!first.ok) return t.fail(JSON.stringify(first.errors))
  const next = model.patch(first.overrides, { quotas: { organizations: { acme: null } } })
  t.strictSame(next.ok && next.overrides, { quotas: { default: { eventsPerSecond: 5 } } })
})
