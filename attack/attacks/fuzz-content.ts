import type { Attack } from '../attack.ts'
import { anyRequest, routesOf, type OpenApi } from '../fuzz/requests.ts'
import { volley } from '../fuzz/volley.ts'

export default {
  description: 'generated requests for every route and content type',
  // Operators' routes among them pause workers and change settings.
  env: {},
  // The first requests for all routes run code that is not compiled yet.
  mostTurnMs: 400,
  run: async (scene) => {
    const { target, amount } = scene
    const document = await (await fetch(`${target.url}/openapi.json`)).json() as OpenApi
    return volley(scene, anyRequest(routesOf(document), target.operator), amount(2_000, 110_000), () => ({}))
  }
} satisfies Attack
