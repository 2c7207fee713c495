import t from 'tap'
import { judge, type EndState } from '../../prove/judge.ts'
import { World } from '../../prove/world.ts'

const STATUS = {
  pending: 0, deadLetters: 0, spooled: 0, circuitState: 'CLOSED', done: 2, expired: 0, imbalance: { admission: 0, queue: 0 }
}
const GOOD: EndState = {
  injected: [],
  statuses: [STATUS, STATUS],
  deadLetters: [],
  disorders: [],
  damageReports: [],
  slots: 4,
  isDrained: true,
  isBrokenOff: false
}

function makeWorld (): World {
  const world = new World({
    seed: 1,
    secret: 'whsec_c2VjcmV0',
    thresholds: { recovery: 1, warning: 2, critical: 3, hardLimit: 4 },
    now: () => 3_000,
    wallClock: () => 0,
    clockToleranceMs: 0
  })
  world.checker.post(2, { form: 'single', identity: 'none', bias: 'none' }, 0, 0)
  for (const sequence of [0, 1]) {
    world.checker.acknowledge(sequence, 'queued', 1)
    world.checker.handle(sequence, world.calls.begin(1, 2), 2)
  }
  return world
}

const violated = (end: Partial<EndState>, world = makeWorld()) => {
  judge(world, { ...GOOD, ...end })
  return world.violations.list().map(({ check }) => check)
}

t.test('what is as it has to be violates nothing', async (t) => {
  t.strictSame(violated({}), [])
})

t.test('each thing that is wrong in the end violates its check', async (t) => {
  const table: [end: Partial<EndState>, check: string][] = [
    [{ statuses: [STATUS, { ...STATUS, circuitState: 'OPEN' }] }, 'circuit'],
    [{ statuses: [{ ...STATUS, imbalance: { admission: 3, queue: 0 } }] }, 'ledger'],
    [{ deadLetters: [{ sequence: 1, reason: 'refused' }] }, 'dead-letters'],
    [{ deadLetters: undefined }, 'dead-letters'],
    [{ disorders: ['api-1 ended with 1'] }, 'crashes'],
    [{ damageReports: [{ place: 'queue', batchId: 'a', events: 1 }] }, 'damage'],
    [{ injected: [{ number: 1, fault: 'x', atMs: 0, lastsMs: 1, recoveredInMs: undefined }] }, 'recovery'],
    [{ isDrained: false }, 'recovery']
  ]
  for (const [end, check] of table) t.strictSame(violated(end), [check], JSON.stringify(end))
  const late = makeWorld()
  late.checker.post(1, { form: 'single', identity: 'none', bias: 'none' }, 0, 0)
  late.checker.acknowledge(2, 'queued', 1, undefined, 100)
  late.checker.expire(200)
  const statuses = [{ ...STATUS, expired: 1 }]
  t.strictSame(violated({ statuses }, late), [])
  t.strictSame(violated({ statuses, deadLetters: [{ sequence: 2, reason: 'attempts' }] }, late), ['dead-letters'], 'expired, and not refused')
  const lossy = makeWorld()
  lossy.checker.post(1, { form: 'single', identity: 'none', bias: 'none' }, 0, 0)
  lossy.checker.acknowledge(2, 'synced', 1)
  t.strictSame(violated({}, lossy), ['lost'])
  const doubled = makeWorld()
  doubled.checker.handle(0, doubled.calls.begin(1, 9), 9)
  t.strictSame(violated({}, doubled), ['duplicates'])
})

t.test('a run that was ended early is not blamed for what is on its way', async (t) => {
  const world = makeWorld()
  world.checker.post(1, { form: 'single', identity: 'none', bias: 'none' }, 0, 0)
  world.checker.acknowledge(2, 'queued', 1)
  t.strictSame(violated({ isBrokenOff: true, isDrained: false, statuses: [] }, world), [])
})
