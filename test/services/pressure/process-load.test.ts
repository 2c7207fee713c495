import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { ProcessLoad, type LoadLimits } from '../../../services/pressure/process-load.ts'
import { blockLoop } from '../../block-loop.ts'

const BLOCKED_MS = 600

function startLoad (limits: LoadLimits): ProcessLoad {
  const load = new ProcessLoad(limits)
  t.teardown(() => load.stop())
  return load
}

t.test('an event loop that stands still is seen by all that look, until it turns again', async (t) => {
  const loads = [100, 100].map((eventLoopDelayMs) => startLoad({ eventLoopDelayMs, heapUsedBytes: Infinity }))
  const withoutLimit = startLoad({ eventLoopDelayMs: 0, heapUsedBytes: Infinity })
  t.strictSame(loads.map(({ isBeyondLimits }) => isBeyondLimits), [false, false])
  blockLoop(BLOCKED_MS)
  await eventually('both see it', () => loads.every(({ isBeyondLimits }) => isBeyondLimits))
  t.ok(withoutLimit.figures.eventLoopDelay > 0)
  t.equal(withoutLimit.isBeyondLimits, false, '0 is no limit')
  await eventually('it is over', () => loads.every(({ isBeyondLimits }) => !isBeyondLimits))
})

t.test('a heap beyond its limit is seen, and the figures are those of this process', async (t) => {
  const load = startLoad({ eventLoopDelayMs: 0, heapUsedBytes: 1_000 })
  t.equal(load.isBeyondLimits, false, 'nothing was read yet')
  await eventually('it is read', () => load.isBeyondLimits)
  const { heapUsed, rssBytes, eventLoopUtilized } = load.figures
  t.ok(heapUsed > 1_000 && rssBytes > heapUsed)
  t.ok(eventLoopUtilized > 0 && eventLoopUtilized <= 1)
})
