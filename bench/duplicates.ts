/*
 * Posts the same million events, each with an id, twice as one stream, and checks that each is handled once and that
 * the ledger balances. Starts a service with API, worker and embedded Redis, and prints its counts.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { metric, postStream, print, ROOMY, withService } from './service.ts'

const EVENTS = 1_000_000
const EVENTS_PER_CHUNK = 500
const PATIENCE_S = 600

await withService({ ROLE: 'all', WITHOUT_HANDLER: 'discard', ...ROOMY }, async (url) => {
  for (const time of ['first', 'second']) {
    const { accepted, duplicate } = await postStream(url, stream())
    print(`${time} post: accepted / duplicate`, `${accepted} / ${duplicate}`)
  }
  for (let second = 0; second < PATIENCE_S && await metric(url, 'rule_engine_queue_total_pending') > 0; second++)
    await wait(1_000)
  print('handled', await metric(url, 'rule_engine_queue_completed_total'))
  for (const side of ['admission', 'queue'])
    print(`imbalance of the ledger, ${side}`, await metric(url, `spillway_ledger_imbalance{side="${side}"}`))
})

function* stream () {
  for (let first = 0; first < EVENTS; first += EVENTS_PER_CHUNK) {
    let chunk = ''
    for (let index = first; index < first + EVENTS_PER_CHUNK; index++)
      chunk += `{"type":"telemetry-data","id":"event-${index}","payload":{"n":${index}}}\n`
    yield chunk
  }
}
