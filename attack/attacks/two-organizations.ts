import type { Attack } from '../attack.ts'
import { ask, comparable, type Asked } from '../ask.ts'
import { routesOf, type OpenApi } from '../fuzz/requests.ts'
import type { KeyRing } from '../key-ring.ts'
import { acquire, MARK, type Possessions } from '../possessions.ts'
import { byId, forAll, LETTERS, VICTIM } from '../requests/foreign-requests.ts'

const EVENTS = '/api/v1/events'
const IDEMPOTENCY = { 'idempotency-key': `"${MARK}key"` }

export default {
  description: 'a key of one organization that tries to see, replay, delete or take what another has',
  hasKeys: true,
  env: { EVENT_ATTEMPTS: '1' },
  // The longest of thousands of turns, in which the garbage collector of a busy machine has its share.
  mostTurnMs: 250,
  run: async (scene) => {
    const { target, report, amount } = scene
    const { attacker, sender, victim } = target.keys as KeyRing
    let requests = 0
    const asks = async (key: string, asked: Asked) => {
      requests++
      return await ask(scene, { as: key, ...asked })
    }
    const post = async (key: string, body: object, headers = {}) =>
      await asks(key, { path: EVENTS, method: 'POST', headers, body })
    const makeKey = async (name: string, organizationId: string) => JSON.parse((await ask(scene, {
      path: '/api/v1/keys', method: 'POST', as: target.operator, body: { name, organizationId, scopes: ['ingest'] }
    })).body) as { id: string }
    const better = await makeKey('better', attacker.organizationId)
    const foreign = await makeKey('foreign', VICTIM)
    const document = JSON.parse((await asks(attacker.key, { path: '/openapi.json' })).body) as OpenApi
    const reading = routesOf(document).flatMap(({ method, path }): Asked[] =>
      method === 'GET' && !path.includes('{') ? [{ path }] : []
    )
    const rounds = amount(2, 20)
    let own: string | undefined
    for (let round = 0; round < rounds; round++) {
      const possessions = await acquire(scene, victim.key)
      for (const { key } of [attacker, sender]) {
        for (const [id, asked] of byId(possessions, foreign.id)) await isLikeNone(key, id, asked)
        for (const asked of [...forAll(possessions), ...reading]) await showsNothing(key, asked)
      }
      const rotation = { path: `/api/v1/keys/${better.id}/rotate`, method: 'POST', body: {} }
      const { status } = await asks(attacker.key, rotation)
      if (status !== 403) report('breach', `${status} to the rotation of a key with a better ceiling`)
      await areFree(possessions, round)
      await isWhole(possessions)
    }
    return requests

    /** The answer to a request by the id of another is that to an id which nobody has. */
    async function isLikeNone (key: string, id: string, asked: Asked): Promise<void> {
      const answerTo = async (named: string) =>
        comparable(await asks(key, { ...asked, path: asked.path.replace('{id}', encodeURIComponent(named)) }), named)
      const [theirs, none] = [await answerTo(id), await answerTo(unlike(id))]
      if (theirs !== none)
        report('breach', `${asked.method ?? 'GET'} ${asked.path} differs from unknown: ${theirs} and ${none}`)
    }

    async function showsNothing (key: string, asked: Asked): Promise<void> {
      const { status, body } = await asks(key, asked)
      if (body.includes(MARK) || (status === 200 && asked.path.includes('stream')))
        report('breach', `${asked.method ?? 'GET'} ${asked.path} shows what the victim has`)
      if (status === 201) report('breach', `a key with more rights was made: ${JSON.stringify(asked.body)}`)
    }

    /** The same ids and idempotency keys are free for everybody else, and name nothing of others. */
    async function areFree ({ events }: Possessions, round: number): Promise<void> {
      for (const [index] of events.entries()) {
        const event = { type: 'taken', payload: 1, priority: 9, id: `taken-${round}-${index}` }
        const [mine, theirs] = [await post(attacker.key, event), await post(victim.key, event)]
        if (!mine.body.includes('"accepted"') || !theirs.body.includes('"accepted"'))
          report('breach', `an id is taken: ${mine.body} ${theirs.body}`)
      }
      const answer = await post(attacker.key, { type: 'mine', payload: 1 }, IDEMPOTENCY)
      const { id, status } = JSON.parse(answer.body) as { id?: string, status?: string }
      // The first post has the key, and each later one repeats it.
      const expected = round === 0 ? 'accepted' : 'duplicate'
      own ??= id
      if (answer.status !== 202 || status !== expected || id === undefined || id !== own || events.includes(id))
        report('breach', `an idempotency key of another organization counts in round ${round}: ${answer.body}`)
      const other = await post(attacker.key, { type: 'other', payload: 1 }, IDEMPOTENCY)
      if (other.status !== 409 || other.body.includes(MARK))
        report('breach', `${other.status} to another type under an own key in round ${round}: ${other.body}`)
    }

    async function isWhole ({ events, deadLetter, replay }: Possessions): Promise<void> {
      const paths = [
        ...events.map((id) => `${EVENTS}/${encodeURIComponent(id)}${id.includes('cloud') ? '?source=/victim' : ''}`),
        `${LETTERS}/${deadLetter}`, `${LETTERS}/replays/${replay}`
      ]
      for (const path of paths) {
        const { status } = await ask(scene, { path, as: victim.key })
        if (status !== 200) report('breach', `${status}: the victim lost ${path}`)
      }
    }
  }
} satisfies Attack

/** Returns an id of the same form that nobody has. */
function unlike (id: string): string {
  return id.startsWith(MARK) ? id.replace(MARK, 'nobody-owns-') : id.replaceAll(/[0-9a-f]/g, '0')
}
