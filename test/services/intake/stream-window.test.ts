import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { EventSink } from '../../../services/intake/event-sink.ts'
import { ingest } from './hand-sink.ts'

const MEGABYTE = 1_048_576
const WINDOW_BYTES = 8 * MEGABYTE

t.test('a stream is left unread while a few long events await their confirmation, and reads on with each that gets it', async (t) => {
  for (const lineBytes of [MEGABYTE, MEGABYTE / 2]) {
    const most = WINDOW_BYTES / lineBytes
    const lines = 2 * most
    const source = { read: 0 }
    async function* chunks () {
      for (; source.read < lines; source.read++) yield Buffer.from(`"${'x'.repeat(lineBytes - 2)}"\n`)
    }
    const settles: (() => void)[] = []
    const sink: EventSink = {
      submit: (_event, _offering, settle) => {
        settles.push(() => settle({ status: 'accepted', durability: 'queued' }))
      },
      refuseInvalid: () => {}
    }
    const event = { id: 'e', type: 'x', payload: null, priority: 5, receivedAt: '' }
    const report = ingest(chunks(), sink, {
      maxLineBytes: MEGABYTE,
      takeIn: () => ({ ok: true, event, key: undefined })
    })
    const untilItRests = async () => {
      for (let before = -1; before !== settles.length;) {
        before = settles.length
        for (let turn = 0; turn < 5; turn++) await nextTurn()
      }
    }
    await untilItRests()
    t.equal(settles.length, most, 'so many bytes are outstanding')
    for (let confirmed = 0; confirmed < lines; confirmed++) {
      settles[confirmed]?.()
      await untilItRests()
      t.equal(settles.length, Math.min(lines, most + confirmed + 1))
    }
    t.match(await report, { accepted: lines })
  }
})
