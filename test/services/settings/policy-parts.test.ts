import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { PolicyModule } from '../../../services/admission/policy.ts'
import { REFUSAL_KINDS } from '../../../services/admission/refusal.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import { policyParts } from '../../../services/settings/policy-parts.ts'
import { SettingsModel } from '../../../services/settings/settings.ts'

const policy = (name: string, more: Partial<PolicyModule>) => ({
  name,
  value: { rank: 1, create: () => ({ judge: () => undefined }), ...more }
})
const limit = (value: number) => ({
  schema: Type.Object({ limit: Type.Integer({ maximum: 10 }) }),
  defaults: () => ({ limit: value })
})
const modelOf = (...policies: ReturnType<typeof policy>[]) => new SettingsModel(policyParts(policies), loadConfig({}))

t.test('a policy brings its settings, and a quota its mode', async (t) => {
  const expected = {
    load: [undefined, { limit: 3 }], queue: [undefined, { limit: 3 }],
    deadline: [undefined, { limit: 3 }],
    quota: [{ mode: 'true' }, { mode: 'true', limit: 3 }], forbidden: [undefined, { limit: 3 }]
  }
  for (const kind of REFUSAL_KINDS) {
    const { configured } = modelOf(policy('plain', { kind }), policy('limited', { kind, settings: limit(3) }))
    t.strictSame([configured.plain, configured.limited], expected[kind], kind)
  }
  t.strictSame(modelOf(policy('plain', {})).configured, {}, 'load is the kind of a policy that names none')
})

t.test('a patch is checked against the schema of the policy', async (t) => {
  const model = modelOf(policy('limited', { kind: 'quota', settings: limit(3) }))
  t.match(model.patch({}, { limited: { limit: 4, mode: 'observe' } }), {
    settings: { limited: { limit: 4, mode: 'observe' } }
  })
  t.match(model.patch({}, { limited: { limit: 11, mode: 'x', more: 1 } }), {
    errors: [{ field: 'limited.limit' }, { field: 'limited.mode' }, { field: 'limited.more' }]
  })
})

t.test('settings that contradict themselves stop the boot', async (t) => {
  t.throws(() => modelOf(policy('limited', { settings: limit(11) })), { message: /policy limited: .*\/limit/ })
  t.throws(() => modelOf(policy('same', { settings: limit(1) }), policy('same', { settings: limit(2) })), {
    message: /named same/
  })
})
