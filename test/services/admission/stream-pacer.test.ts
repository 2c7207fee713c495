import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { StreamPacer } from '../../../services/admission/stream-pacer.ts'
import { startGate, THRESHOLDS } from './setup.ts'

const PATIENCE_MS = 1_000

async function startPacer (mode: 'true' | 'observe' | 'false' = 'true') {
  const started = await startGate({ mode })
  return { ...started, pacer: new StreamPacer(started.gate, PATIENCE_MS, () => started.clock.now) }
}

interface Wait {
  isOver: boolean
}

function begin (pacer: StreamPacer): Wait {
  const wait = { isOver: false }
  void pacer.waitForRoom().finally(() => { wait.isOver = true })
  return wait
}

/** Nothing but signals moves a wait, so it is over within a turn or not at all. */
async function assertWaiting (t: Test, wait: Wait, isWaiting: boolean, claim: string): Promise<void> {
  await nextTurn()
  t.equal(wait.isOver, !isWaiting, claim)
}

t.test('goes on at once while there is room', async (t) => {
  const { pacer, observe } = await startPacer()
  for (const depth of [0, 50, 99]) {
    observe(depth)
    await assertWaiting(t, begin(pacer), false, `${depth} events`)
  }
})

t.test('waits for bytes as for events', async (t) => {
  const { pacer, observe } = await startPacer()
  const memory = (usedBytes: number) => ({ usedBytes, maxBytes: 1_000, machineBytes: 0 })
  observe(10, { memory: memory(664) })
  await assertWaiting(t, begin(pacer), false, 'below 0.95 of 700')
  observe(10, { memory: memory(665) })
  const wait = begin(pacer)
  await assertWaiting(t, wait, true, 'at it')
  observe(9, { memory: memory(664) })
  await assertWaiting(t, wait, false, 'drained')
})

t.test('waits from half of a hold, before low is refused', async (t) => {
  const { pacer, observe } = await startPacer()
  const settings = { mode: 'true', thresholds: { ...THRESHOLDS, hold: 80 } } as const
  observe(39, { settings })
  await assertWaiting(t, begin(pacer), false, 'below half of 80')
  observe(40, { settings })
  await assertWaiting(t, begin(pacer), true, 'at it')
})

t.test('waits above the warning threshold for as long as the depth falls, however long that takes', async (t) => {
  const { pacer, observe } = await startPacer()
  observe(300)
  const wait = begin(pacer)
  for (let depth = 299; depth >= 100; depth--) {
    observe(depth, { elapsedMs: PATIENCE_MS - 1 })
    await assertWaiting(t, wait, true, `${depth} events`)
  }
  observe(99)
  await assertWaiting(t, wait, false, 'there is room')
})

t.test('loses patience with a queue that does not move', async (t) => {
  const { pacer, observe } = await startPacer()
  observe(200)
  const wait = begin(pacer)
  for (const elapsedMs of [400, 400]) {
    observe(200, { elapsedMs })
    await assertWaiting(t, wait, true, 'not yet')
  }
  observe(210, { elapsedMs: 200 })
  await assertWaiting(t, wait, false, 'after a second')
})

t.test('a depth that only swings is no progress', async (t) => {
  const { pacer, observe } = await startPacer()
  observe(200)
  const wait = begin(pacer)
  for (let reading = 0; reading < 9; reading++) {
    observe(reading % 2 === 0 ? 220 : 200)
    await nextTurn()
  }
  await assertWaiting(t, wait, true, 'after 0.9 s')
  observe(200)
  await assertWaiting(t, wait, false, 'after a second')
})

t.test('does not wait again once its patience is lost, until there was room', async (t) => {
  const { pacer, observe } = await startPacer()
  observe(200)
  const first = begin(pacer)
  observe(200, { elapsedMs: PATIENCE_MS })
  await assertWaiting(t, first, false, 'its patience is lost')
  await assertWaiting(t, begin(pacer), false, 'and stays lost')
  observe(10)
  await assertWaiting(t, begin(pacer), false, 'there is room')
  observe(200)
  const second = begin(pacer)
  await assertWaiting(t, second, true, 'its patience is back')
  observe(10)
  await assertWaiting(t, second, false, 'there is room again')
})

t.test('goes on at once when the circuit opens, to be answered like everybody', async (t) => {
  const { pacer, observe } = await startPacer()
  observe(200)
  const wait = begin(pacer)
  observe(500)
  await assertWaiting(t, wait, false, 'one that waited')
  await assertWaiting(t, begin(pacer), false, 'one that comes later')
})

t.test('waits out a moment in which the queue cannot be read', async (t) => {
  const { gate, clock, pacer, observe } = await startPacer()
  const lose = (elapsedMs: number) => {
    clock.now += elapsedMs
    gate.lose(new Error('no answer'))
  }
  observe(10)
  lose(0)
  const short = begin(pacer)
  lose(10)
  await assertWaiting(t, short, true, 'a moment')
  observe(10)
  await assertWaiting(t, short, false, 'it is over')
  lose(0)
  const long = begin(pacer)
  lose(PATIENCE_MS)
  await assertWaiting(t, long, false, 'its patience is lost')
})

t.test('waits out a moment in which this process is overloaded, and no more than that', async (t) => {
  const { process, pacer, observe } = await startPacer()
  observe(10)
  process.isOverloaded = true
  const short = begin(pacer)
  observe(10)
  await assertWaiting(t, short, true, 'a moment')
  process.isOverloaded = false
  await assertWaiting(t, short, true, 'it is asked with the readings of the queue')
  observe(10)
  await assertWaiting(t, short, false, 'it is over')
  process.isOverloaded = true
  const long = begin(pacer)
  observe(10, { elapsedMs: PATIENCE_MS - 1 })
  await assertWaiting(t, long, true, 'not yet')
  observe(10, { elapsedMs: 1 })
  await assertWaiting(t, long, false, 'its patience is lost')
})

t.test('does not slow a stream down that nothing would shed', async (t) => {
  for (const mode of ['observe', 'false'] as const) {
    const { gate, process, pacer, observe } = await startPacer(mode)
    observe(200)
    await assertWaiting(t, begin(pacer), false, `${mode}, above the warning threshold`)
    gate.lose(new Error('no answer'))
    await assertWaiting(t, begin(pacer), false, `${mode}, unreadable`)
    process.isOverloaded = true
    await assertWaiting(t, begin(pacer), false, `${mode}, overloaded`)
  }
})
