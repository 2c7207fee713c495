import { join } from 'node:path'
import { eventually } from '../../rig/eventually.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import { inEachForm } from '../claim-forms.ts'
import { ATTACKER_CEILING, type KeyRing } from '../key-ring.ts'
import { CLAIMED, CLAIMS } from '../requests/claims.ts'

/** Rules that raise the priority of an event, and that move it to the organization in its payload. */
const RULES_FILE = join(import.meta.dirname, '../raise-claims.json')

interface Delivered {
  readonly priority: number
  readonly organizationid?: string
}

export default {
  description: 'priorities, organizations and types that a key does not have, claimed in every form, and by rules',
  hasKeys: true,
  env: { RULES_FILE, EVENT_ATTEMPTS: '1' },
  run: async (scene) => {
    const { target, report, amount, note } = scene
    const { attacker, sender } = target.keys as KeyRing
    const delivered: Delivered[] = []
    target.consumer.answer = (call, reply) => {
      const events = JSON.parse(call.body) as Delivered[]
      delivered.push(...events.filter((event) => JSON.stringify(event).includes(CLAIMED)))
      reply.end()
    }
    let [requests, accepted] = [0, 0]
    const rounds = amount(1, 20)
    for (let round = 0; round < rounds; round++) {
      for (const [index, claims] of CLAIMS.entries()) {
        for (const { form, ...posted } of inEachForm(claims, CLAIMED, `claim-${round}-${index}`)) {
          const { key } = requests++ % 2 === 0 ? attacker : sender
          const answer = await ask(scene, { method: 'POST', as: key, ...posted })
          const priorities = [...answer.body.matchAll(/"priority":(\d+)/g)].map(([, text]) => Number(text))
          accepted += [...answer.body.matchAll(/"status":"(?:accepted|stored)"/g)].length
          if (answer.status < 300 && priorities.some((priority) => priority < ATTACKER_CEILING))
            report('breach', `${form} with ${JSON.stringify(claims)} got priority ${priorities.join()}`)
        }
      }
    }
    await eventually('all that was accepted is delivered', () => delivered.length >= accepted, 60_000)
    for (const event of delivered) {
      const shown = JSON.stringify(event).slice(0, 300)
      if (event.priority < ATTACKER_CEILING) report('breach', `delivered with a better priority: ${shown}`)
      if (event.organizationid !== attacker.organizationId) report('breach', `delivered for another: ${shown}`)
    }
    note(`${accepted} events were accepted without their claim, and ${delivered.length} of them and of rules delivered`)
    if (accepted === 0 || delivered.length === 0) report('breach', 'nothing was accepted, so nothing was tested')
    return requests
  }
} satisfies Attack
