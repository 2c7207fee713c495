import { postCriticalEvents } from '../../rig/load/critical-events.ts'
import { memoryMiBOf } from '../../rig/process/usage.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import type { Issuer } from '../issuer.ts'
import type { KeyRing } from '../key-ring.ts'
import { sendPipelined } from '../pipelined.ts'
import { floods } from '../requests/flood-tokens.ts'
import { bearerField, keyField } from '../requests/tampered-keys.ts'

const EVENT = '{"type":"flooded","payload":1,"priority":1}'
/** Each has 16 requests in work: more in all than the service verifies tokens at once. */
const CONNECTIONS = 80
const FEW_CONNECTIONS = 8
/** Requests of which the CPU time is measured. */
const MEASURED = 500
/** CPU time of a refused request, a producer with a token beside it included. */
const MOST_CPU_MS = 2
/** A verified token costs a lookup more than a key; a verification would cost several times as much. */
const MOST_APART_MS = 0.05
const VERIFIED = 100
const WARMING = 2_000
const MOST_GROWTH_MIB = 100
/** The set is read again each second, and unknown keys may bring a reading forward. */
const MOST_READINGS_PER_SECOND = 2
/** Producers with a valid token that is new to the service, at once beside each flood. */
const NEWCOMERS = 4
const PATIENCE_MS = 120_000

export default {
  description: 'floods of JWTs with made-up keys, wrong signatures and great length, beside producers with valid ones',
  hasKeys: true,
  hasIssuer: true,
  leastAccepted: 1,
  run: async (scene) => {
    const { target, report, note, amount, measure } = scene
    const { provider, critical } = target.issuer as Issuer
    const post = (token: string) =>
      ask(scene, { method: 'POST', path: '/api/v1/events', as: `Bearer ${token}`, body: EVENT })
    const send = async (name: string, count: number, next: () => string) => {
      const statuses = await sendPipelined(scene, count, CONNECTIONS, () => bearerField(next()))
      const refused = (statuses.get(401) ?? 0) + (statuses.get(503) ?? 0)
      if (refused !== count)
        report('breach', `${name}: ${refused} of ${count} were refused, ${[...statuses.keys()].join()}`)
      return statuses
    }
    const { status } = await post(critical)
    if (status !== 202) report('breach', `${status} to a valid token`)
    const holder = postCriticalEvents(target.port, { token: critical, patienceMs: PATIENCE_MS })
    // The first requests of each kind pay for compilers and buffers.
    for (const [name, next] of floods()) await send(name, WARMING, next)
    const before = memoryMiBOf(target.service.pid).rss
    const count = amount(4_000, 50_000)
    let requests = 0
    for (const [name, next] of floods()) {
      const [readings, beganAt] = [provider.calls.length, performance.now()]
      const over = new AbortController()
      const [statuses, { welcome, came }] = await Promise.all([
        send(name, count, next).finally(() => over.abort()), newcomers(name, over.signal)
      ])
      const seconds = (performance.now() - beganAt) / 1_000
      const read = provider.calls.length - readings
      if (read > MOST_READINGS_PER_SECOND * Math.ceil(seconds))
        report('breach', `${name}: the key set was read ${read} times in ${seconds.toFixed(1)} s`)
      const { cpuMs } = await measure(() => send(name, MEASURED, next))
      const each = cpuMs / MEASURED
      if (each > MOST_CPU_MS) report('cpu', `${name}: ${each.toFixed(1)} ms for each; at most ${MOST_CPU_MS}`)
      const answers = [...statuses].map(([answer, times]) => `${answer} ${times.toLocaleString('en')}`).join(', ')
      note(`${name}: ${answers}; ${(each * 1_000).toFixed(0)} µs of CPU each; ${welcome} of ${came} new valid tokens ` +
        'were accepted at once')
      requests += count
    }
    await isRemembered()
    const growth = memoryMiBOf(target.service.pid).rss - before
    note(`memory grew by ${growth.toFixed(0)} MiB after ${requests.toLocaleString('en')} distinct tokens`)
    if (growth > MOST_GROWTH_MIB) report('memory', `grew by ${growth.toFixed(0)} MiB; at most ${MOST_GROWTH_MIB}`)
    const { posted, accepted, others } = await holder.stop()
    note(`${accepted} of ${posted} critical events with a JWT were accepted`)
    if (posted === 0 || accepted < posted)
      report('critical', `${accepted} of ${posted} with a JWT were accepted, ${JSON.stringify([...others])}`)
    return requests

    /** A token that was verified is not verified again. */
    async function isRemembered (): Promise<void> {
      const claims = { organization: 'victim-organization', scope: 'ingest' }
      const tokens = await Promise.all(Array.from({ length: VERIFIED }, (_, index) =>
        provider.sign({ sub: `verified ${index}`, ...claims })))
      let next = 0
      const fields = [keyField((target.keys as KeyRing).victim.key), ...tokens.map(bearerField)]
      const costOf = async (fieldOf: () => string) => {
        const { result, cpuMs } = await measure(() => sendPipelined(scene, MEASURED, FEW_CONNECTIONS, fieldOf))
        if (result.get(404) !== MEASURED) report('breach', `${[...result.keys()].join()} to valid keys and tokens`)
        return cpuMs / MEASURED
      }
      const ofKey = await costOf(() => fields[0] as string)
      const ofToken = await costOf(() => fields[1 + next++ % VERIFIED] as string)
      note(`CPU of a request: ${(ofToken * 1_000).toFixed(0)} µs with a verified token, ` +
        `${(ofKey * 1_000).toFixed(0)} µs with a key`)
      if (ofToken - ofKey > MOST_APART_MS)
        report('cpu', `a verified token costs ${(ofToken - ofKey).toFixed(2)} ms more than a key`)
    }

    /** Posts with one new token after the other, and counts those that did not have to come back. */
    async function newcomers (name: string, signal: AbortSignal): Promise<{ welcome: number, came: number }> {
      let [welcome, came] = [0, 0]
      await Promise.all(Array.from({ length: NEWCOMERS }, async () => {
        while (!signal.aborted) {
          const claims = { sub: `${name} ${came++}`, organization: 'victim-organization', scope: 'ingest' }
          const { status: answer } = await post(await provider.sign(claims))
          if (answer === 202) welcome++
          else if (answer !== 503) report('breach', `${name}: ${answer} to a new valid token`)
        }
      }))
      return { welcome, came }
    }
  }
} satisfies Attack
