import { eventually } from '../rig/eventually.ts'
import { ask, type Asked } from './ask.ts'
import type { Scene } from './attack.ts'

/** Every text that the victim posts begins with this; the consumer refuses those with the longer beginning. */
export const MARK = 'victim-owns-'
const DEAD = `${MARK}dead`

/** Ids of what an organization has in the service. */
export interface Possessions {
  readonly events: readonly string[]
  readonly deadLetter: string
  readonly replay: string
}

/** Posts events in each form with a key, lets some become dead letters, and begins a replay. */
export async function acquire (scene: Pick<Scene, 'target' | 'report'>, key: string): Promise<Possessions> {
  const { target } = scene
  target.consumer.answer = (call, reply) => {
    reply.writeHead(call.body.includes(DEAD) ? 422 : 200).end(`${MARK}words`)
  }
  const post = async (asked: Omit<Asked, 'method' | 'as'>) => {
    const { body } = await ask(scene, { method: 'POST', as: key, ...asked })
    return JSON.parse(body) as { id: string, results?: { id: string }[] }
  }
  const event = (more: object) => ({ type: `${MARK}type`, payload: `${MARK}payload`, ...more })
  const path = '/api/v1/events'
  const answers = [
    await post({ path, body: event({}) }),
    await post({ path, body: event({ id: `${MARK}id` }) }),
    await post({ path, body: event({}), headers: { 'idempotency-key': `"${MARK}key"` } }),
    await post({ path, body: event({ payload: DEAD, id: `${MARK}dead-id` }) }),
    await post({
      path, headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id: `${MARK}cloud`, source: '/victim', type: `${MARK}type`, data: 1 })
    }),
    await post({ path: '/api/v1/datastreams', body: { deviceId: `${MARK}device`, values: { t: 1 } } }),
    ...(await post({ path: `${path}/batch`, body: [event({}), event({ payload: DEAD })] })).results ?? []
  ]
  const deadLetter = await eventually('an event is a dead letter', async () => {
    const { body } = await ask(scene, { path: '/api/v1/dead-letters', as: key })
    const { deadLetters } = JSON.parse(body) as { deadLetters: { id: string }[] }
    return deadLetters.length >= 2 && deadLetters[0]?.id
  })
  const replay = await post({ path: '/api/v1/dead-letters/replay', body: { filter: { type: 'none' } } })
  return { events: [...new Set(answers.map(({ id }) => id))], deadLetter, replay: replay.id }
}
