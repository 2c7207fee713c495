import { Webhook } from 'standardwebhooks'
import { eventually } from '../../rig/eventually.ts'
import type { Call } from '../../rig/consumer.ts'
import type { Attack } from '../attack.ts'

const SECRET = `whsec_${Buffer.from('k'.repeat(32)).toString('base64')}`
const TOLERANCE_MS = 300_000

export default {
  description: 'signed calls to the consumer: replayed later, changed, under another id; and posted back as events',
  env: { DELIVERY_SECRET: SECRET },
  run: async ({ target, report, amount }) => {
    const calls: Call[] = []
    target.consumer.answer = (call, reply) => { calls.push(call); reply.end() }
    for (const type of ['one', 'two']) {
      const answer = await fetch(`${target.url}/api/v1/events`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type, payload: type, priority: 1 })
      })
      await answer.arrayBuffer()
    }
    await eventually('both are delivered', () => ['one', 'two'].every((type) => calls.some(({ body }) => body.includes(`"type":"${type}"`))), 60_000)
    const webhook = new Webhook(SECRET)
    const verifies = (call: Call, changes: Record<string, string> = {}, body = call.body): boolean => {
      try {
        webhook.verify(body, { ...call.headers, ...changes } as Record<string, string>)
        return true
      } catch {
        return false
      }
    }
    const [first] = calls as [Call]
    const seconds = Number(first.headers['webhook-timestamp'])
    if (!verifies(first)) report('breach', 'a call as sent does not verify')
    if (verifies(first, {}, `${first.body} `)) report('breach', 'a changed body verifies')
    if (verifies(first, { 'webhook-id': 'other' })) report('breach', 'a replay under another id verifies')
    if (verifies(first, { 'webhook-timestamp': String(seconds + 60) })) report('breach', 'a replay at another time verifies')
    if (verifies(first, { 'webhook-signature': (calls.at(-1) as Call).headers['webhook-signature'] as string, 'webhook-id': 'x' }))
      report('breach', 'the signature of another call verifies')
    if (Math.abs(seconds * 1_000 - Date.now()) > TOLERANCE_MS) report('breach', 'the time of a call is not that of its sending')
    if (new Set(calls.map(({ headers }) => headers['webhook-id'])).size !== calls.length)
      report('breach', 'two calls have one id, so a receiver cannot tell a replay')
    // Each bit of the body and of the signature of the first call.
    const { body, headers } = first
    const signature = String(headers['webhook-signature'])
    const places = Array.from({ length: amount(10, 8 * 400) }, (_, at) => at)
    for (const at of places) {
      if (verifies(first, {}, flipped(body, at))) report('breach', `a body with bit ${at} changed verifies`)
      const other = flipped(signature, at)
      if (Buffer.from(other.slice(3), 'base64').compare(Buffer.from(signature.slice(3), 'base64')) !== 0 &&
        verifies(first, { 'webhook-signature': other })) report('breach', `a signature with bit ${at} changed verifies`)
    }
    // The same CloudEvents twice: the second time they are repetitions.
    const again = async () => {
      const answer = await fetch(`${target.url}/api/v1/events/batch`, {
        method: 'POST', headers: { 'content-type': 'application/cloudevents-batch+json' }, body: first.body
      })
      return await answer.text()
    }
    await again()
    if (!(await again()).includes('"duplicate"')) report('breach', 'a call that is posted back twice is stored twice')
    return 8 + 2 * places.length
  }
} satisfies Attack

/** Changes one bit of a text, which counts from its beginning again beyond its end. */
function flipped (text: string, bit: number): string {
  const bytes = Buffer.from(text)
  const at = (bit >> 3) % bytes.length
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1 << (bit & 7), at)
  return bytes.toString()
}
