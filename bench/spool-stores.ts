/*
 * Where may critical events wait while the queue is away? The stores that came into question, side by side: how fast they
 * commit, how long they block the event loop, and what one damaged byte costs them.
 *
 * All get the same bytes and resolve a write once it is on the disk. The rounds are interleaved, so that a slow minute of
 * the machine is one for all. `--trials=20` makes fewer damages, `--rounds=3` fewer rounds. lmdb is no dependency: it takes part where it
 * is installed (npm install --no-save lmdb).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { newBatch, type Batch } from '../services/queue/batch.ts'
import { damage } from './spool-stores/damage.ts'
import { storeKinds } from './spool-stores/kinds.ts'
import type { StoreKind } from './spool-stores/store.ts'

const WRITERS = 4
const BATCHES_PER_WRITER = 100
const EVENTS_PER_BATCH = 128
const DAMAGED_BATCHES = 100
const EVENTS_PER_DAMAGED_BATCH = 32

interface Round {
  readonly perSecond: number
  readonly p99Ms: number
  readonly longestMs: number
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, trials: { type: 'string', default: '200' } } })
const kinds = await storeKinds()
if (!kinds.some(({ name }) => name === 'lmdb')) print('lmdb is not installed and takes no part')
const folder = await mkdtemp(join(tmpdir(), 'spillway-spool-bench-'))
try {
  const rounds = new Map<StoreKind, Round[]>(kinds.map((kind) => [kind, []]))
  // The first round warms up.
  for (let number = 0; number <= Number(values.rounds); number++) {
    // Each comes first in turn: who does, works beside what the last round left to the garbage collector and the disk.
    for (const kind of [...kinds.slice(number % kinds.length), ...kinds.slice(0, number % kinds.length)]) {
      const round = await measure(kind)
      if (number > 0) rounds.get(kind)?.push(round)
    }
  }
  const [reference] = [...rounds.values()].map((of) => median(of, 'perSecond')) as [number]
  print(`\n${WRITERS} writers, ${EVENTS_PER_BATCH} events a batch, medians of ${values.rounds} interleaved rounds`)
  print('| store | batches per second | ratio | event loop delayed, p99 ms | longest ms |\n| --- | --- | --- | --- | --- |')
  for (const [{ name }, of] of rounds) {
    const perSecond = median(of, 'perSecond')
    print(`| ${name} | ${Math.round(perSecond)} | ${(perSecond / reference).toFixed(2)} | ${median(of, 'p99Ms').toFixed(1)} | ${median(of, 'longestMs').toFixed(1)} |`)
  }

  print(`\n${DAMAGED_BATCHES} batches, one byte damaged, ${values.trials} trials`)
  print('| store | opened | crashed | trials with harm | of these unsaid | batches kept, mean | least | wrong batches given out |\n| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const kind of kinds) {
    // A thread changes nothing of the files.
    if (kind.name.includes('worker')) continue
    const batches = Array.from({ length: DAMAGED_BATCHES }, () => batchOf(EVENTS_PER_DAMAGED_BATCH))
    const report = await damage(kind, batches, Number(values.trials), seeded(1), folder)
    const mean = report.kept.reduce((total, kept) => total + kept, 0) / report.kept.length
    print(`| ${kind.name} | ${report.opened} | ${report.crashed} | ${report.harmed} | ${report.unsaid} | ${mean.toFixed(1)} | ${Math.min(...report.kept)} | ${report.wrong} |`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure (kind: StoreKind): Promise<Round> {
  const dir = await mkdtemp(join(folder, 'round-'))
  const store = await kind.start(dir)
  const batches = Array.from({ length: WRITERS }, () => Array.from({ length: BATCHES_PER_WRITER }, () => batchOf(EVENTS_PER_BATCH)))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  await Promise.all(batches.map(async (own) => { for (const batch of own) await store.write(batch) }))
  const seconds = (performance.now() - startedAt) / 1000
  delay.disable()
  await store.close()
  await rm(dir, { recursive: true })
  return { perSecond: WRITERS * BATCHES_PER_WRITER / seconds, p99Ms: delay.percentile(99) / 1e6, longestMs: delay.max / 1e6 }
}

function batchOf (count: number): Batch {
  return newBatch(1, Array.from({ length: count }, (_, index) => ({
    id: `event-${index}`, type: 'critical-alarm', payload: { deviceId: `device-${index}`, note: 'x'.repeat(100) }, priority: 1, receivedAt: '2026-03-01T10:00:00.000Z'
  })))
}

function median (rounds: readonly Round[], key: keyof Round): number {
  return rounds.map((round) => round[key]).toSorted((a, b) => a - b)[rounds.length >>> 1] as number
}

/** The same damages in every run: mulberry32. */
function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function print (line: string): void {
  process.stdout.write(`${line}\n`)
}
