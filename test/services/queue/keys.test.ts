import t from 'tap'
import { QueueKeys } from '../../../services/queue/keys.ts'

/** All keys and prefixes of a shard that do not depend on an id. */
function fixedKeys ({ jobs, ...keys }: QueueKeys): { own: string[], bullmq: string[] } {
  return { own: Object.values(keys).filter((key) => key !== keys.root), bullmq: Object.values(jobs) }
}

t.test('every key of a shard carries its hash tag, and no two are the same', async (t) => {
  const keys = new QueueKeys('orders', 3)
  const { own, bullmq } = fixedKeys(keys)
  const withIds = [
    keys.seen('digest'),
    keys.seenMark('batch'),
    keys.lastBooking('process'),
    keys.lastStatementBooking('process'),
    keys.deadLetter('d-1'),
    keys.replay('id'),
    keys.replayIds('id'),
    keys.aside(keys.ledger, 'unique'),
    keys.aside(keys.jobs.of('5-1-0-x'), 'unique'),
    keys.jobs.of('5-1-0-x'),
    keys.jobs.lockOf('5-1-0-x')
  ]
  const all = [...own, ...bullmq, ...withIds]
  for (const key of all) t.ok(key.startsWith('{orders:3}:'), key)
  t.equal(new Set(all).size, all.length)
})

t.test('BullMQ takes no key of Spillway for a job, damaged ones among them', async (t) => {
  const keys = new QueueKeys('spillway')
  const { own } = fixedKeys(keys)
  const withIds = [
    keys.seen('x'),
    keys.lastBooking('x'),
    keys.lastStatementBooking('x'),
    keys.deadLetter('x'),
    keys.replay('x'),
    keys.replayIds('x'),
    keys.aside(keys.jobs.of('5-1-0-x'), 'x')
  ]
  for (const key of [...own, ...withIds]) t.notOk(key.startsWith(keys.jobs.prefix), key)
})

t.test('no key of one namespace or shard is below another', async (t) => {
  const roots = [['a', 0], ['a', 1], ['a', 10], ['a.0', 0], ['aa', 0], ['A', 0]].map(([namespace, shard]) =>
    new QueueKeys(namespace as string, shard as number).root
  )
  for (const one of roots) t.strictSame(roots.filter((other) => `${other}:`.startsWith(`${one}:`)), [one])
})
