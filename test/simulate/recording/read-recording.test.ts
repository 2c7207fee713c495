import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import type { ArrivalRecord } from '../../../services/arrivals/arrival-record.ts'
import { ArrivalStream } from '../../../simulate/arrivals/arrival-stream.ts'
import { partOf, scaled, totalOf, type Arrivals } from '../../../simulate/arrivals/arrivals.ts'
import { measuredCapacity } from '../../../simulate/recording/measured-capacity.ts'
import { readRecording } from '../../../simulate/recording/read-recording.ts'
import { OTHERS } from '../../../simulate/recording/recorded-kinds.ts'
import { BEGIN, record } from './recorded.ts'

/** Events by class, organization and type, as a run gets them. */
function eventsOf (arrivals: Arrivals): Record<string, number> {
  const { kinds, organizations, types } = arrivals.recorded!
  const stream = new ArrivalStream(arrivals, 1)
  const events: Record<string, number> = {}
  while (stream.next()) {
    for (const label of stream.labels!.subarray(0, stream.count)) {
      const kind = kinds[label]!
      const name = `${kind.class} ${organizations[kind.organization]} ${types[kind.type]}`
      events[name] = (events[name] ?? 0) + 1
    }
  }
  return events
}

t.test('a run gets the events that were recorded, at their time', async (t) => {
  const path = await record(t, {
    seconds: 30,
    flows: [
      { organization: 'acme', perSecond: 7 },
      { organization: 'umbra', priority: 1, type: 'alarm', perSecond: 3, from: 10, seconds: 10 },
      { perSecond: 1, priority: 10 }
    ]
  })
  const { arrivals, from, damages, settingsVersions, settings } = await readRecording(path)
  t.strictSame(eventsOf(arrivals), { '1 acme reading': 210, '0 umbra alarm': 30, '2 undefined reading': 30 })
  t.equal(from, BEGIN)
  t.strictSame([arrivals.counts.length, arrivals.binMs, damages, settingsVersions], [300, 100, [], [3]])
  t.match(settings, { backpressure: { thresholds: { critical: 50_000 } } })
  const middle = partOf(arrivals, 1 / 3, 2 / 3)
  t.strictSame(eventsOf(middle), { '1 acme reading': 70, '0 umbra alarm': 30, '2 undefined reading': 10 })
  t.equal(totalOf(middle.counts), 110)
  t.strictSame(eventsOf(scaled(middle, 2)), { '1 acme reading': 140, '0 umbra alarm': 60, '2 undefined reading': 20 })
})

t.test('the recordings of two replicas are one, whenever each began', async (t) => {
  const path = join(t.testdir(), 'arrivals')
  await record(t, { path, id: 'a', seconds: 20, flows: [{ organization: 'acme', perSecond: 5 }], capacity: 40 })
  await record(t, {
    path,
    id: 'b',
    startsAt: 10,
    seconds: 20,
    capacity: 40,
    flows: [{ organization: 'acme', perSecond: 2 }, { organization: 'umbra', perSecond: 1 }]
  })
  t.equal(readdirSync(path).length, 2)
  const { arrivals, work } = await readRecording(path)
  t.strictSame(eventsOf(arrivals), { '1 acme reading': 140, '1 umbra reading': 20 })
  t.equal(arrivals.counts.length, 300)
  const perSecond = (second: number) => totalOf(arrivals.counts.subarray(second * 10, second * 10 + 10))
  t.strictSame([5, 15, 25].map(perSecond), [5, 8, 3])
  t.equal(work.length, 30, 'in the ten seconds that both saw, they saw the same workers')
  const measured = measuredCapacity(work, BEGIN)!
  t.ok(Math.abs(measured.perSecond - 40) < 2 && measured.isMeasured, String(measured.perSecond))
  t.equal(measured.eventsAtOnce, 40)
})

t.test('a file that ends in the middle of a record is read up to that, and it says so', async (t) => {
  const path = await record(t, { seconds: 30, flows: [{ organization: 'acme', perSecond: 10 }] })
  const [name] = readdirSync(path)
  const file = join(path, name!)
  const whole = readFileSync(file)
  const second = whole.indexOf(Buffer.from([0x1f, 0x8b, 8]), 3)
  const third = whole.indexOf(Buffer.from([0x1f, 0x8b, 8]), second + 3)
  const cuts = [[whole.length, 300], [whole.length - 40, 200], [third, 200], [third - 40, 100]] as const
  for (const [bytes, events] of cuts) {
    writeFileSync(file, whole)
    truncateSync(file, bytes)
    const { arrivals, damages } = await readRecording(file)
    t.strictSame(eventsOf(arrivals), { '1 acme reading': events }, `${bytes} bytes`)
    t.equal(damages.length, bytes === whole.length || bytes === third ? 0 : 1, `${bytes} bytes`)
  }
})

t.test('a record that is hurt costs its own events', async (t) => {
  const path = await record(t, { seconds: 30, flows: [{ organization: 'acme', perSecond: 10 }] })
  const file = join(path, readdirSync(path)[0]!)
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff
  writeFileSync(file, bytes)
  const { arrivals, damages } = await readRecording(path)
  t.strictSame(eventsOf(arrivals), { '1 acme reading': 200 })
  t.match(damages, [/1 records cannot be read/])
})

t.test('lines of another version are skipped and told', async (t) => {
  const path = await record(t, { seconds: 10, flows: [{ perSecond: 10 }] })
  writeFileSync(join(path, '20300101T000000.000Z-z.jsonl.gz'), gzipSync('{"format":"spillway-arrivals-2"}\n'))
  const { arrivals, damages } = await readRecording(path)
  t.equal(totalOf(arrivals.counts), 100)
  t.match(damages, [/1 records cannot be read/])
})

t.test('the organizations with the most events have their names, and the rest is one', async (t) => {
  const flows = Array.from({ length: 1_200 }, (_, index) => ({
    organization: `o${index}`, perSecond: index < 1_000 ? 4 : 1
  }))
  // Each process has room for 512 names.
  const path = join(t.testdir(), 'arrivals')
  for (const part of [0, 1, 2]) {
    await record(t, { path, id: `a${part}`, seconds: 10, flows: flows.slice(part * 400, part * 400 + 400) })
  }
  const { arrivals } = await readRecording(path)
  const events = eventsOf(arrivals)
  t.equal(Object.values(events).reduce((sum, count) => sum + count, 0), 42_000)
  t.equal(events['1 o0 reading'], 40)
  t.equal(events[`1 ${OTHERS} reading`], 2_000)
})

t.test('a file of garbage costs no more than a look at it, and a record behind it is read', async (t) => {
  const path = await record(t, { seconds: 10, flows: [{ perSecond: 10 }] })
  const file = join(path, readdirSync(path)[0]!)
  // The record begins before the end of the first read, and goes on in the second.
  writeFileSync(file, Buffer.concat([Buffer.alloc(8_388_604, 'x'), readFileSync(file)]))
  writeFileSync(join(path, '20300101T000000.000Z-z.jsonl.gz'), gzipSync('x\n'.repeat(20_000)))
  const { arrivals, damages } = await readRecording(path)
  t.equal(totalOf(arrivals.counts), 100)
  t.match(damages, [/: 1 records cannot/, /: 10001 records cannot/])
})

t.test('a recording of weeks is read, in seconds if its windows would be too many', async (t) => {
  const path = join(t.testdir(), 'arrivals')
  for (const day of [0, 20]) {
    await record(t, { path, id: `a${day}`, startsAt: day * 86_400, seconds: 10, flows: [{ organization: 'acme', perSecond: 10 }] })
  }
  const { arrivals } = await readRecording(path)
  t.strictSame([arrivals.binMs, totalOf(arrivals.counts)], [1_000, 200])
  await record(t, { path, id: 'b', startsAt: 130 * 86_400, seconds: 10, flows: [{ perSecond: 1 }] })
  await t.rejects(readRecording(path), { code: 'bad-trace', message: /too long a time/ })
})

t.test('a record beyond the bounds of the service is not read', async (t) => {
  const path = await record(t, { seconds: 10, flows: [{ perSecond: 10 }], capacity: 10 })
  const line = gunzipSync(readFileSync(join(path, readdirSync(path)[0]!))).toString()
  const { work: [work], ...rest } = JSON.parse(line) as ArrivalRecord
  const wrong: Partial<ArrivalRecord>[] = [
    { work: Array.from({ length: 200_000 }, () => work!) },
    { windows: [[0, 0, 1e300, 0]] },
    { windows: [[1e9, 0, 1, 0]] },
    { from: 1e300 },
    { to: rest.from + 86_400_000 }
  ]
  for (const change of wrong) {
    const text = JSON.stringify({ ...rest, work: [], ...change })
    writeFileSync(join(path, '20300101T000000.000Z-z.jsonl.gz'), gzipSync(`${text}\n`))
    const { arrivals, damages } = await readRecording(path)
    t.strictSame([totalOf(arrivals.counts), damages.length], [100, 1], text.slice(0, 200))
  }
})

t.test('a path without a recording is named', async (t) => {
  const folder = t.testdir({ 'empty.jsonl.gz': gzipSync(''), 'text.jsonl.gz': 'no gzip', folder: {} })
  for (const name of ['missing', 'empty.jsonl.gz', 'text.jsonl.gz', 'folder']) {
    await t.rejects(readRecording(join(folder, name)), { code: 'bad-trace', message: new RegExp(name) }, name)
  }
})
