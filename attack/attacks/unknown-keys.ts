import { memoryMiBOf } from '../../rig/process/usage.ts'
import type { Attack } from '../attack.ts'
import { newKey, type KeyRing } from '../key-ring.ts'
import { inRows, sendRaw } from '../send-raw.ts'

/** Requests of one connection, below the number that may wait there. */
const PIPELINED = 50
const ROWS = 8
/** Requests of which the CPU time is compared. */
const COMPARED = 1_000
/** CPU time of a refused request, the producer of critical events beside it included. */
const MOST_CPU_MS = 1
/** A hash that is made slow on purpose costs a thousand times as much. */
const MOST_APART_MS = 0.2
const MOST_GROWTH_MIB = 100

const PATH = 'GET /api/v1/events/x HTTP/1.1\r\nHost: localhost\r\n'

const unknown = () => newKey().key

export default {
  description: 'guesses of keys: the cost of each, the memory of as many, and whether an id that exists costs as much',
  hasKeys: true,
  run: async ({ target, report, note, amount, measure }) => {
    const { victim } = target.keys as KeyRing
    const send = async (count: number, keyOf: () => string) => {
      await inRows(ROWS, Array.from({ length: count / PIPELINED }), async () => {
        const text = Array.from({ length: PIPELINED }, () => `${PATH}X-API-Key: ${keyOf()}\r\n\r\n`).join('')
        const { answers } = await sendRaw(target.port, text, { answers: PIPELINED })
        const refused = answers.filter(({ status }) => status === 401).length
        if (refused !== PIPELINED) report('breach', `${refused} of ${PIPELINED} guesses were refused, ${answers.at(-1)?.status}`)
      })
    }
    await send(COMPARED, unknown)
    const before = memoryMiBOf(target.service.pid).rss
    const guesses = amount(5_000, 1_000_000)
    await send(guesses, unknown)
    const growth = memoryMiBOf(target.service.pid).rss - before
    note(`memory grew by ${growth.toFixed(0)} MiB after ${guesses.toLocaleString('en')} distinct keys`)
    if (growth > MOST_GROWTH_MIB) report('memory', `grew by ${growth.toFixed(0)} MiB; at most ${MOST_GROWTH_MIB}`)
    const costs = []
    for (const keyOf of [unknown, () => newKey(victim.id).key]) {
      const { cpuMs } = await measure(() => send(COMPARED, keyOf))
      costs.push(cpuMs / COMPARED)
    }
    const [ofUnknown, ofKnown] = costs as [number, number]
    note(`CPU of a guess: ${(ofUnknown * 1_000).toFixed(0)} µs with an unknown id, ${(ofKnown * 1_000).toFixed(0)} µs with a known one`)
    if (Math.max(ofUnknown, ofKnown) > MOST_CPU_MS) report('cpu', `${Math.max(ofUnknown, ofKnown).toFixed(1)} ms for a guess; at most ${MOST_CPU_MS}`)
    if (Math.abs(ofUnknown - ofKnown) > MOST_APART_MS)
      report('breach', `the cost tells an id that exists: ${ofKnown.toFixed(2)} ms, ${ofUnknown.toFixed(2)} ms for another`)
    return COMPARED + guesses
  }
} satisfies Attack
