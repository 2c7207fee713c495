import { memoryMiBOf } from '../../rig/process/usage.ts'
import type { Attack } from '../attack.ts'
import { newKey, type KeyRing } from '../key-ring.ts'
import { sendPipelined } from '../pipelined.ts'
import { keyField } from '../requests/tampered-keys.ts'

const CONNECTIONS = 8
/** Requests of which the CPU time is compared. */
const COMPARED = 1_000
/** CPU time of a refused request. */
const MOST_CPU_MS = 1
/** A hash that is made slow on purpose costs a thousand times as much. */
const MOST_APART_MS = 0.2
const MOST_GROWTH_MIB = 100

const unknown = () => newKey().key

export default {
  description: 'guesses of keys: the cost of each, the memory of as many, and whether an id that exists costs as much',
  hasKeys: true,
  run: async (scene) => {
    const { target, report, note, amount, measure } = scene
    const { victim } = target.keys as KeyRing
    const send = async (count: number, keyOf: () => string) => {
      const statuses = await sendPipelined(scene, count, CONNECTIONS, () => keyField(keyOf()))
      const refused = statuses.get(401) ?? 0
      if (refused !== count)
        report('breach', `${refused} of ${count} guesses were refused, ${[...statuses.keys()].join()}`)
    }
    await send(COMPARED, unknown)
    const before = memoryMiBOf(target.service.pid).rss
    const guesses = amount(5_000, 200_000)
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
    const [unknownText, knownText] = [micros(ofUnknown), micros(ofKnown)]
    note(`CPU of a guess: ${unknownText} with an unknown id, ${knownText} with a known one`)
    const mostMs = Math.max(ofUnknown, ofKnown)
    if (mostMs > MOST_CPU_MS) report('cpu', `${mostMs.toFixed(1)} ms for a guess; at most ${MOST_CPU_MS}`)
    if (Math.abs(ofUnknown - ofKnown) > MOST_APART_MS)
      report('breach', `the cost tells an id that exists: ${knownText}, ${unknownText} for another`)
    return COMPARED + guesses
  }
} satisfies Attack

function micros (ms: number): string {
  return `${(ms * 1_000).toFixed(0)} µs`
}
