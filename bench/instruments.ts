/*
 * Measures the cost per event of metrics, of a log line and of the search for a trace, compared with the client library
 * for metrics. Loops of a million give figures for warm code.
 */
import { createWriteStream } from 'node:fs'
import { Counter, Histogram, Registry } from '@prometheus-io/client'
import { pino } from 'pino'
import { headerTrace } from '../services/event/trace-context.ts'
import { FrequentTypes } from '../services/history/frequent-types.ts'
import { AdmissionLedger } from '../services/ledger/admission-ledger.ts'
import { AdmissionMetrics } from '../services/metrics/admission-metrics.ts'
import { RequestDurations } from '../services/metrics/request-durations.ts'
import { median } from './median.ts'
import { print } from './service.ts'

const TIMES = 1_000_000
const ROUNDS = 5

const registry = new Registry()
const admission = new AdmissionMetrics(new Registry(), [{ reason: 'circuit-open', kind: 'load' }])
const ledger = new AdmissionLedger()
const types = new FrequentTypes()
const common = Array.from({ length: 32 }, (_, index) => `telemetry-data-${index}`)
const once = Array.from({ length: 4_096 }, (_, index) => `seen-once-${index}`)
let turn = 0
const recordDuration = new RequestDurations(new Registry()).of({ method: 'POST', path: '/api/v1/events' })
const counter = new Counter({
  name: 'admitted_total',
  help: 'Admitted',
  labelNames: ['priority_class'],
  registers: [registry]
})
const histogram = new Histogram({
  name: 'duration_seconds',
  help: 'Duration',
  labelNames: ['method', 'route', 'status_code'],
  registers: [registry]
})
const log = pino(createWriteStream('/dev/null'))

const headers = { 'content-type': 'application/json' }
const tracedHeaders = { ...headers, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }

const INSTRUMENTS: Record<string, () => void> = {
  'a decision counted': () => admission.countAdmitted('normal'),
  'the same by the client library': () => counter.inc({ priority_class: 'normal' }),
  'two bookings at admission': () => { ledger.receive('normal'); ledger.settle('enqueued', 'normal') },
  'the type of an event, one of 32': () => types.record(common[turn++ & 31] as string),
  'the same, when all are different': () => types.record(once[turn++ & 4_095] as string),
  'a refusal booked by reason': () => ledger.recordRefused('circuit-open', 'low'),
  'the duration of a request': () => recordDuration(202, 0.002),
  'the same by the client library, with its timer': () => {
    histogram.startTimer()({ method: 'POST', route: '/api/v1/events', status_code: 202 })
  },
  'a look for the trace of a request that has none': () => {
    headerTrace(headers)
  },
  'the trace of a request that has one': () => {
    headerTrace(tracedHeaders)
  },
  'a log line, written to nowhere': () => log.info({ event: 'request', status: 202 }, 'request completed')
}

for (const [name, use] of Object.entries(INSTRUMENTS)) {
  const nanos = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now()
    for (let time = 0; time < TIMES; time++) use()
    return (performance.now() - startedAt) * 1e6 / TIMES
  })
  print(`${name}, ns`, Math.round(median(nanos)))
  // The stream writes to nowhere before the next instrument is measured.
  await new Promise((resolve) => { setImmediate(resolve) })
}
process.exit()
