import t from 'tap'
import type { FleetShare } from '../../services/admission/policy.ts'
import { startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

t.test('policies learn which of their counts the other replicas can read', async (t) => {
  const folder = t.testdir({
    'many-counts.ts': `
      const sent = []
      globalThis.sentOfManyCounts = sent
      export default { rank: 90, create: () => ({
        judge: () => undefined,
        report: () => Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => ['name-' + index, index + 1])),
        sent: (report) => { sent.push(report) }
      }) }`
  })
  const { app, redis } = await startApp(t, { policyFolders: [folder] })
  const other = await startApp(t, { redis })
  const sent = (globalThis as unknown as { sentOfManyCounts: FleetShare[] }).sentOfManyCounts
  const { id } = app.fleetMember()
  const read = await eventually('another replica reads them', () =>
    other.app.queueMonitor.reading?.fleet.members.find((member) => member.id === id)?.shares?.['many-counts'])
  t.ok(Object.keys(read).length < 300)
  t.ok(sent.some((report) => JSON.stringify(report) === JSON.stringify(read)))
})
