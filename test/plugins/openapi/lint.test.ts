import { createConfig, lintFromString } from '@redocly/openapi-core'
import t from 'tap'
import { startApp } from '../../app.ts'
import { startRedis } from '../../../rig/redis.ts'

/** Warnings are errors here. A route that takes nothing refuses nothing, so it has no answer 4xx. */
const config = await createConfig({ extends: ['recommended-strict'], rules: { 'operation-4xx-response': 'off' } })
const redis = await startRedis(t)

async function problemsOf (document: object): Promise<string[]> {
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config })
  return found.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`)
}

const ENVIRONMENTS: Record<string, string>[] = [{}, { ADMIN_TOKEN: 'a token of operators' }]

for (const env of ENVIRONMENTS) {
  void t.test(`the document lints clean: ${Object.keys(env).join() || 'no token'}`, async (t) => {
    const { app } = await startApp(t, { redis, env })
    const document = (await app.inject('/openapi.json')).json()
    t.strictSame(await problemsOf(document), [])

    delete document.paths['/api/v1/events'].post.operationId
    document.paths['/api/v1/events'].post.requestBody.content['application/json'].examples.minimal.value = { type: 1 }
    const rules = (await problemsOf(document)).map((problem) => problem.split(' ', 1)[0])
    t.strictSame(
      [...new Set(rules)].toSorted(),
      ['no-invalid-media-type-examples', 'operation-operationId'],
      'and a wrong one does not'
    )
  })
}
