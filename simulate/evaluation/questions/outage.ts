import { HINTS } from '../../world/hint.ts'
import type { Question } from '../question.ts'

const IGNORING = ['immediate', 'backoff']
const HONOURING = ['exact', 'jitter']

/** The worth of a Retry-After: 1,000 producers meet an outage of five minutes. */
const outage: Question = {
  title: 'Five minutes of outage',
  scenarios: ['consumer-outage', 'queue-outage'],
  variants: Object.fromEntries([
    ...IGNORING.map((client) => [client, ['--clients', client]]),
    ...HONOURING.flatMap((client) => HINTS.map((hint) => [
      `${client}-${hint}`, ['--clients', client, '--hint', hint]
    ]))
  ]),
  contestants: [{ subject: 'static' }, { subject: 'adaptive' }],
  seeds: 5,
  tune: 0,
  columns: ['amplification', 'recovery', 'lost', 'goodput', 'flips']
}

export default outage
