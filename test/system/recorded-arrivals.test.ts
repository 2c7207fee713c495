import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readRecording } from '../../simulate/recording/read-recording.ts'
import { post, postBatch, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { startRedis } from '../../rig/redis.ts'

t.test('a recording has every event that was offered, what was refused and why, and no payload', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, {
    redis,
    env: {
      RECORD_ARRIVALS: 'true', QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '5'
    }
  })
  const event = (priority: number, organizationId: string) =>
    ({ type: 'reading', payload: { private: 'text' }, priority, organizationId })
  await postBatch(app, Array.from({ length: 4 }, () => event(5, 'acme')))
  const shed = await postBatch(app, [event(9, 'umbra'), event(1, 'acme')])
  t.equal(shed.statusCode, 207)
  t.equal((await post(app, { type: '', payload: {} })).statusCode, 400)
  await app.close()
  const { arrivals: { recorded, counts }, refusedBy, settings, work } =
    await readRecording(join(redis.folder, 'data', 'arrivals-spillway'))
  const { kinds, organizations, kindOf, counts: offered, refused } = recorded!
  const seen = new Map<string, [number, number]>()
  for (const [entry, kind] of kindOf.entries()) {
    const name = `${kinds[kind]!.class} ${organizations[kinds[kind]!.organization]}`
    const [before, refusedBefore] = seen.get(name) ?? [0, 0]
    seen.set(name, [before + offered[entry]!, refusedBefore + refused[entry]!])
  }
  t.strictSame(Object.fromEntries(seen), { '1 acme': [4, 0], '2 umbra': [1, 1], '0 acme': [1, 0] })
  t.equal(counts.reduce((sum, count) => sum + count, 0), 6)
  t.strictSame(refusedBy, { 'low-priority-shed': 1 })
  t.match(settings, { backpressure: { mode: 'true', thresholds: { critical: 5 } } })
  t.ok(work.length > 0, 'the work of the workers')
})

t.test('without RECORD_ARRIVALS nothing is recorded; a folder that cannot be written stops no event', async (t) => {
  const redis = await startRedis(t)
  const plain = await startApp(t, { redis })
  t.equal((await post(plain.app, { type: 'x', payload: {} })).statusCode, 202)
  await plain.app.close()
  t.notOk(existsSync(join(redis.folder, 'data', 'arrivals-spillway')))
  const file = join(redis.folder, 'file')
  writeFileSync(file, '')
  const { log, lines } = capturedLog('error')
  const { app } = await startApp(t, { redis, log, env: { RECORD_ARRIVALS: 'true', DATA_DIR: file } })
  t.equal((await post(app, { type: 'x', payload: {} })).statusCode, 202)
  await app.arrivalRecorder!.flush()
  t.match(lines, [{ event: 'arrivals-unrecorded', err: { code: 'ENOTDIR' } }])
  t.match((await app.inject('/api/v1/metrics/prometheus')).body, /spillway_arrivals_records_total\{outcome="lost"\} 1/)
})
