import t from 'tap'
import { runSubject } from '../../../simulate/run-subject.ts'
import { ADMITTED } from '../../../simulate/subject.ts'
import { tinyWorld } from '../tiny-world.ts'

t.test('offers name the organization of the trace and the class of the event', async (t) => {
  const rows = ['a', 'b'].map((name) => ({ name, serviceTime: 1, counts: Float64Array.of(200) }))
  const arrivals = { binMs: 10_000, counts: Float64Array.of(400), isCounted: true, organizations: rows }
  const offered: Record<string, number> = {}
  const module = {
    create: () => ({
      offer: ({ organizationId, priorityClass }: { organizationId: string | undefined, priorityClass: string }) => {
        const name = `${organizationId} ${priorityClass}`
        offered[name] = (offered[name] ?? 0) + 1
        return ADMITTED
      },
      observe: () => {}
    })
  }
  runSubject({ world: { ...await tinyWorld(), arrivals }, module, parameters: {}, seed: 1 })
  const share = (name: string) => (offered[name] ?? 0) / 200
  for (const organization of ['organization-0', 'organization-1']) {
    for (const [name, expected] of [['critical', 0.1], ['normal', 0.5], ['low', 0.4]] as const) {
      const is = share(`${organization} ${name}`)
      t.ok(Math.abs(is - expected) < 0.12, `${organization} ${name}: ${is}`)
    }
  }
})
