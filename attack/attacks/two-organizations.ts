import type { Attack } from '../attack.ts'
import { ask, comparable, type Asked } from '../ask.ts'
import { routesOf, type OpenApi } from '../fuzz/requests.ts'
import type { KeyRing } from '../key-ring.ts'
import { acquire, MARK, type Possessions } from '../possessions.ts'

const VICTIM = 'victim-organization'
const LETTERS = '/api/v1/dead-letters'
const IDEMPOTENCY = { 'idempotency-key': `"${MARK}key"` }

/** Every request for something of the victim by its id. */
function byId ({ events, deadLetter, replay }: Possessions, keyId: string): [id: string, asked: Asked][] {
  return [
    ...events.flatMap((id): [string, Asked][] => [
      [id, { path: '/api/v1/events/{id}' }], [id, { path: `/api/v1/events/{id}?organizationId=${VICTIM}` }],
      [id, { path: '/api/v1/events/{id}?source=/victim' }], [id, { path: '/api/v1/events/{id}/payload' }],
      [id, { path: `/api/v1/events/{id}/payload?organizationId=${VICTIM}` }]
    ]),
    [deadLetter, { path: `${LETTERS}/{id}` }], [deadLetter, { path: `${LETTERS}/{id}`, method: 'DELETE' }],
    ...['', '/events'].map((rest): [string, Asked] => [replay, { path: `${LETTERS}/replays/{id}${rest}` }]),
    [replay, { path: `${LETTERS}/replays/{id}`, method: 'DELETE' }],
    [keyId, { path: '/api/v1/keys/{id}', method: 'DELETE' }], [keyId, { path: '/api/v1/keys/{id}/rotate', method: 'POST', body: {} }]
  ]
}

/** Requests for everything at once, and for what the key may not do at all. None may show or change anything of the victim. */
function forAll ({ deadLetter }: Possessions): Asked[] {
  const filters = [{}, { organizationId: VICTIM }, { type: `${MARK}type` }]
  const selections = [{ ids: [deadLetter] }, ...filters.map((filter) => ({ filter }))]
  return [
    ...selections.flatMap((one) => [{ ...one, dryRun: true }, one]).map((body): Asked => ({ path: `${LETTERS}/replay`, method: 'POST', body })),
    ...['all=true', `organizationId=${VICTIM}`, `type=${MARK}type`].flatMap((query): Asked[] => [
      { path: `${LETTERS}?${query}`, method: 'DELETE' }, { path: `${LETTERS}?${query}&limit=1000` }
    ]),
    { path: '/api/v1/events?limit=100' }, { path: `/api/v1/events?type=${MARK}type` },
    { path: '/admin/queues' }, { path: '/admin/queues/api/queues' }, { path: '/admin/queues/api/queues/spillway/1' },
    { path: '/api/v1/dashboard/stream' },
    ...[
      { organizationId: VICTIM }, { organizationId: undefined, scopes: ['admin'] }, { bestPriority: 1 }
    ].map((rights): Asked => ({
      path: '/api/v1/keys', method: 'POST', body: { name: 'x', organizationId: 'attacker-organization', scopes: ['ingest'], bestPriority: 5, ...rights }
    }))
  ]
}

export default {
  description: 'a key of one organization that tries to see, replay, delete or take what another has',
  isLong: true,
  hasKeys: true,
  env: { EVENT_ATTEMPTS: '1' },
  // The first request for the job browser loads it, a tenth of a second.
  mostTurnMs: 250,
  run: async (scene) => {
    const { target, report, amount } = scene
    const { attacker, sender, victim } = target.keys as KeyRing
    let requests = 0
    const asks = async (key: string, asked: Asked) => {
      requests++
      return await ask(scene, { as: key, ...asked })
    }
    const { key: stored } = JSON.parse((await ask(scene, {
      path: '/api/v1/keys', method: 'POST', as: target.operator, body: { name: 'better', organizationId: attacker.organizationId, scopes: ['ingest'] }
    })).body) as { key: string }
    const foreign = JSON.parse((await ask(scene, {
      path: '/api/v1/keys', method: 'POST', as: target.operator, body: { name: 'foreign', organizationId: VICTIM, scopes: ['ingest'] }
    })).body) as { id: string }
    const document = JSON.parse((await asks(attacker.key, { path: '/openapi.json' })).body) as OpenApi
    const reading = routesOf(document).flatMap(({ method, path }): Asked[] =>
      method === 'GET' && !path.includes('{') ? [{ path }] : []
    )
    const rounds = amount(1, 20)
    for (let round = 0; round < rounds; round++) {
      const possessions = await acquire(scene, victim.key)
      for (const { key } of [attacker, sender]) {
        for (const [id, asked] of byId(possessions, foreign.id)) {
          const answerTo = async (named: string) =>
            comparable(await asks(key, { ...asked, path: asked.path.replace('{id}', encodeURIComponent(named)) }), named)
          const [theirs, none] = [await answerTo(id), await answerTo(unlike(id))]
          if (theirs !== none) report('breach', `${asked.method ?? 'GET'} ${asked.path} differs from unknown: ${theirs} and ${none}`)
        }
        for (const asked of [...forAll(possessions), ...reading]) {
          const { status, body } = await asks(key, asked)
          if (body.includes(MARK) || (status === 200 && asked.path.includes('stream')))
            report('breach', `${asked.method ?? 'GET'} ${asked.path} shows what the victim has`)
          if (status === 201) report('breach', `a key with more rights was made: ${JSON.stringify(asked.body)}`)
        }
      }
      const [, better = ''] = /^spw_(\w{12})_/.exec(stored) ?? []
      const { status } = await asks(attacker.key, { path: `/api/v1/keys/${better}/rotate`, method: 'POST', body: {} })
      if (status !== 403) report('breach', `${status} to the rotation of a key with a better ceiling`)
      // The same ids and idempotency keys are free for everybody else.
      for (const id of possessions.events) {
        const event = { type: 'taken', payload: 1, priority: 9, id: `${id}-${round}` }
        const mine = await asks(attacker.key, { path: '/api/v1/events', method: 'POST', body: event })
        const theirs = await asks(victim.key, { path: '/api/v1/events', method: 'POST', body: event })
        if (!mine.body.includes('"accepted"') || !theirs.body.includes('"accepted"')) report('breach', `an id is taken: ${mine.body} ${theirs.body}`)
      }
      const same = await asks(attacker.key, { path: '/api/v1/events', method: 'POST', headers: IDEMPOTENCY, body: { type: `mine-${round}`, payload: 1 } })
      // Later rounds repeat the attacker's own key with another type.
      if (round === 0 && same.status !== 202) {
        report('breach', `${same.status} to an idempotency key of another organization`)
      }
      await isWhole(possessions)
    }
    return requests

    async function isWhole ({ events, deadLetter, replay }: Possessions): Promise<void> {
      const paths = [
        ...events.map((id) => `/api/v1/events/${encodeURIComponent(id)}${id.includes('cloud') ? '?source=/victim' : ''}`),
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
