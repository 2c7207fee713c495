import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { eventOffer } from '../../../services/admission/offer.ts'
import { ArrivalFolder } from '../../../services/arrivals/arrival-folder.ts'
import { ArrivalRecorder } from '../../../services/arrivals/arrival-recorder.ts'
import { recordedConfiguration } from '../../../services/arrivals/recorded-configuration.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import { decodeRecord } from '../../../simulate/recording/decode-record.ts'
import { capturedLog } from '../../captured-log.ts'

const BEGIN = Date.UTC(2026, 0, 2, 3, 4, 5)
const OFFER = eventOffer({ type: 'reading', priority: 5, organizationId: 'acme' })
const WORK = {
  at: 0, arrived: 5, worked: 4, completed: 3, waiting: 1, inWork: 1, workers: 1, slots: 20, takenSlots: 2,
  isPaused: false, isHeldUp: false
}

function startRecorder (t: Test, { path = join(t.testdir(), 'arrivals'), maxBytes = 1_048_576, id = 'a' } = {}) {
  const { log, lines } = capturedLog()
  const clock = { now: BEGIN }
  const recorder = new ArrivalRecorder({
    folder: new ArrivalFolder({ path, maxBytes, id }),
    settings: () => ({ version: 7, settings: { backpressure: { mode: 'true' } } as never }),
    configuration: recordedConfiguration(loadConfig({})),
    log,
    now: () => clock.now
  })
  const files = () => readdirSync(path).toSorted()
  const records = () => files().flatMap((file) => gunzipSync(readFileSync(join(path, file))).toString().trim()
    .split('\n').map((line) => decodeRecord(line)!))
  return { recorder, clock, lines, path, files, records }
}

t.test('writes a record after ten seconds, with the windows in which something arrived', async (t) => {
  const { recorder, clock, path, files, records } = startRecorder(t)
  for (let window = 0; window < 100; window++) {
    if (window % 50 === 0) recorder.counts.offered(OFFER)
    recorder.observe({ ...WORK, at: clock.now })
    clock.now += 100
    recorder.turn()
  }
  recorder.counts.offered(OFFER)
  clock.now += 100
  await recorder.flush()
  const [first, rest] = records()
  t.match(first, {
    from: BEGIN, to: BEGIN + 10_000, types: ['reading'], organizations: ['acme'], kinds: [[5, 2, 2]],
    windows: [[0, 0, 1, 0], [50, 0, 1, 0]],
    settings: { version: 7, settings: { backpressure: { mode: 'true' } } },
    configuration: { QUEUE_CRITICAL_THRESHOLD: '50000', DELAY_BUDGET_NORMAL_MS: '30000', EVENT_ATTEMPTS: '3' }
  })
  t.strictSame(first!.work.map(({ at }) => at - BEGIN), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1_000))
  t.match(rest, { from: BEGIN + 10_000, windows: [[0, 0, 1, 0]] })
  t.strictSame(recorder.totals, { written: 2, lost: 0 })
  t.strictSame(files(), ['20260102T030415.000Z-a.jsonl.gz'])
  t.equal(statSync(join(path, files()[0]!)).mode & 0o777, 0o600)
  t.equal(statSync(path).mode & 0o777, 0o700)
  t.notMatch(JSON.stringify(records()), /REDIS_URL|SECRET|TOKEN/)
})

t.test('the oldest files are deleted, those of other processes too, and nothing else', async (t) => {
  const maxBytes = 20_000
  const { recorder, clock, path, files } = startRecorder(t, { maxBytes })
  mkdirSync(path)
  writeFileSync(join(path, '20200101T000000.000Z-b.jsonl.gz'), Buffer.alloc(15_000))
  writeFileSync(join(path, 'notes.txt'), Buffer.alloc(50_000))
  for (let record = 0; record < 60; record++) {
    for (let kind = 0; kind < 200; kind++) {
      recorder.counts.offered(eventOffer({ type: 'x', priority: 5, organizationId: `o${record}-${kind}` }))
    }
    clock.now += 10_000
    await recorder.flush()
  }
  const recorded = files().filter((file) => file !== 'notes.txt')
  const bytes = recorded.reduce((sum, file) => sum + statSync(join(path, file)).size, 0)
  t.ok(bytes <= maxBytes && bytes > maxBytes / 2, `${bytes} bytes`)
  t.ok(recorded.length > 4, 'there are several files')
  t.notOk(existsSync(join(path, '20200101T000000.000Z-b.jsonl.gz')))
  t.ok(existsSync(join(path, 'notes.txt')))
})

t.test('a file that was deleted meanwhile begins again', async (t) => {
  const { recorder, path, files, records } = startRecorder(t)
  await recorder.flush()
  rmSync(path, { recursive: true })
  await recorder.flush()
  t.equal(files().length, 1)
  t.equal(records().length, 1)
})

t.test('a folder that cannot be written is told once, records are counted as lost, and it goes on afterwards', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file')
  const { recorder, lines, records } = startRecorder(t, { path: join(file, 'arrivals') })
  for (let tries = 0; tries < 3; tries++) {
    recorder.counts.offered(OFFER)
    await recorder.flush()
  }
  t.match(lines, [{ level: 50, event: 'arrivals-unrecorded', err: { code: 'ENOTDIR' } }])
  t.equal(lines.length, 1)
  t.strictSame(recorder.totals, { written: 0, lost: 3 })
  rmSync(file)
  recorder.counts.offered(OFFER)
  await recorder.flush()
  t.match(lines[1], { level: 30, event: 'arrivals-recorded', lost: 3 })
  t.match(records(), [{ windows: [[0, 0, 1, 0]] }])
})

t.test('after a failure the next record goes to another file, since the end of the first may be torn', async (t) => {
  const { recorder, clock, path, files } = startRecorder(t)
  await recorder.flush()
  const [first] = files()
  rmSync(join(path, first!))
  mkdirSync(join(path, first!))
  clock.now += 10_000
  await recorder.flush()
  t.strictSame(recorder.totals, { written: 1, lost: 1 })
  clock.now += 10_000
  await recorder.flush()
  t.strictSame(recorder.totals, { written: 2, lost: 1 })
  t.strictSame(files(), [first, '20260102T030425.000Z-a.jsonl.gz'])
})

t.test('a record that is due while the one before is being written is lost, and no memory grows', async (t) => {
  const { recorder, clock, records } = startRecorder(t)
  for (let record = 0; record < 3; record++) {
    clock.now += 10_000
    recorder.turn()
  }
  await recorder.flush()
  t.strictSame(recorder.totals, { written: 2, lost: 2 })
  t.equal(records().length, 2)
})

t.test('a clock that is set back ends the record', async (t) => {
  const { recorder, clock, records } = startRecorder(t)
  recorder.counts.offered(OFFER)
  clock.now -= 3_600_000
  recorder.turn()
  recorder.counts.offered(OFFER)
  clock.now += 100
  await recorder.flush()
  t.match(records(), [
    { from: BEGIN, to: BEGIN, windows: [[0, 0, 1, 0]] }, { from: BEGIN - 3_600_000, windows: [[0, 0, 1, 0]] }
  ])
})

t.test('a line that is no record is not read as one', async (t) => {
  const { recorder, records } = startRecorder(t)
  recorder.counts.offered(OFFER)
  recorder.turn()
  await recorder.flush()
  const record = records()[0]!
  t.ok(decodeRecord(JSON.stringify(record)))
  const wrong = [
    { format: 'spillway-arrivals-9' }, { windows: [[0, 0, 1]] }, { windows: [[0, 1, 1, 0]] }, { kinds: [[5, 9, 2]] },
    { kinds: [[11, 2, 2]] }, { work: [{}] }
  ]
  for (const change of wrong) {
    t.equal(decodeRecord(JSON.stringify({ ...record, ...change })), undefined, JSON.stringify(change))
  }
  t.equal(decodeRecord('{"format"'), undefined)
})
