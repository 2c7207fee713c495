import type { Attack } from '../attack.ts'
import { anyRequest, routesOf, type OpenApi } from '../fuzz/requests.ts'
import { volley } from '../fuzz/volley.ts'
import type { KeyRing } from '../key-ring.ts'

export default {
  description: 'generated requests for every route with the key of one organization',
  hasKeys: true,
  // The longest of thousands of turns, in which the garbage collector of a busy machine has its share.
  mostTurnMs: 250,
  run: async (scene) => {
    const { target, amount } = scene
    const authorization = `Bearer ${(target.keys as KeyRing).attacker.key}`
    const answer = await fetch(`${target.url}/openapi.json`, { headers: { authorization } })
    const routes = routesOf(await answer.json() as OpenApi)
    return volley(scene, anyRequest(routes, authorization), amount(500, 30_000), () => ({}))
  }
} satisfies Attack
