import { join } from 'node:path'
import { eventually } from '../../rig/eventually.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import { inEachForm, type Claims } from '../claim-forms.ts'
import { ATTACKER_CEILING, type KeyRing } from '../key-ring.ts'

const MARK = 'claimed-by-attacker'
/** Rules that raise the priority of an event, and that move it to the organization in its payload. */
const RULES_FILE = join(import.meta.dirname, '../raise-claims.json')
const VICTIM = 'victim-organization'

const CLAIMS: readonly Claims[] = [
  ...[0, 1, 2, 4, 1.5, '1', -1, null, [1], { valueOf: 1 }, true].map((priority) => ({ members: { priority } })),
  ...['1', '01', '4', '5, 1', '1, 5', '1;q=1', '0x1'].map((value) => ({ headers: { 'x-event-priority': value } })),
  ...['critical-alarm', 'scheduled'].flatMap((type): Claims[] => [
    { members: { type } }, { members: { type: undefined }, headers: { 'x-event-type': type } }, { headers: { 'x-event-type': type } },
    { members: { type, priority: 1 }, headers: { 'x-event-priority': '5' } }
  ]),
  { members: { priority: 9 }, headers: { 'x-event-priority': '1' } }, { members: { priority: 1 }, headers: { 'x-event-priority': '9' } },
  { members: { ceiling: 1, priority: 1 } }, { members: { ceiling: 1 } }, { members: { stamp: { ceiling: 1 } } },
  { members: { bestPriority: 1, priority: 1 } }, { members: { Priority: 1 } }, { headers: { 'ce-priority': '1' } },
  { members: { hops: 0, attempt: 1, receivedAt: '2020-01-01T00:00:00Z' } },
  ...[VICTIM, VICTIM.toUpperCase(), `${VICTIM} `, [VICTIM], { a: VICTIM }, '', null].map((organizationId) =>
    ({ members: { organizationId } })
  ),
  ...['organizationid', 'organization_id', 'OrganizationId', 'organization'].map((name) => ({ members: { [name]: VICTIM } })),
  ...['x-organization-id', 'ce-organizationid', 'x-organization', 'x-tenant'].map((name) => ({ headers: { [name]: VICTIM } })),
  ...['raised', 'moved'].map((type) => ({ members: { type, payload: { mark: MARK, organization: VICTIM } } }))
]

interface Delivered {
  readonly priority: number
  readonly organizationid?: string
}

export default {
  description: 'priorities, organizations and types that a key does not have, claimed in every form, and by rules',
  isLong: true,
  hasKeys: true,
  env: { RULES_FILE, EVENT_ATTEMPTS: '1' },
  run: async (scene) => {
    const { target, report, amount, note } = scene
    const { attacker, sender } = target.keys as KeyRing
    const delivered: Delivered[] = []
    target.consumer.answer = (call, reply) => {
      const events = JSON.parse(call.body) as Delivered[]
      delivered.push(...events.filter((event) => JSON.stringify(event).includes(MARK)))
      reply.end()
    }
    let [requests, accepted] = [0, 0]
    const rounds = amount(1, 20)
    for (let round = 0; round < rounds; round++) {
      for (const [index, claims] of CLAIMS.entries()) {
        for (const { form, path, headers, body } of inEachForm(claims, MARK, `claim-${round}-${index}`)) {
          const answer = await ask(scene, { method: 'POST', path, as: (requests++ % 2 === 0 ? attacker : sender).key, headers, body })
          const priorities = [...answer.body.matchAll(/"priority":(\d+)/g)].map(([, text]) => Number(text))
          accepted += [...answer.body.matchAll(/"status":"(?:accepted|stored)"/g)].length
          if (answer.status < 300 && priorities.some((priority) => priority < ATTACKER_CEILING))
            report('breach', `${form} with ${JSON.stringify(claims)} got priority ${priorities.join()}`)
        }
      }
    }
    await eventually('all that was accepted is delivered', () => delivered.length >= accepted, 60_000)
    for (const event of delivered) {
      if (event.priority < ATTACKER_CEILING) report('breach', `delivered with priority ${event.priority}: ${JSON.stringify(event).slice(0, 300)}`)
      if (event.organizationid !== attacker.organizationId) report('breach', `delivered for another organization: ${JSON.stringify(event).slice(0, 300)}`)
    }
    note(`${accepted} of the claims were accepted without their claim, and ${delivered.length} events of them and of rules were delivered`)
    if (accepted === 0 || delivered.length === 0) report('breach', 'nothing was accepted, so nothing was tested')
    return requests
  }
} satisfies Attack
