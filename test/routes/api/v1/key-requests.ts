import type { FastifyInstance } from 'fastify'

/** The ADMIN_TOKEN of services in tests of keys. */
export const TOKEN = 'a token of operators'

export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

/** Returns a function that sends requests about keys with a secret. */
export function keyAsker (app: FastifyInstance, secret: string) {
  return async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) => {
    const answer = await app.inject({
      method, url: `/api/v1/keys${path}`, headers: bearer(secret), ...(payload !== undefined && { payload })
    })
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
  }
}
