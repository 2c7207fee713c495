import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSource } from 'oazapfts'
import t from 'tap'
import { startServer } from '../../../rig/spawned-server.ts'
import { startRedis } from '../../../rig/redis.ts'

const TSC = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')

/** A producer that knows the generated client and nothing of Spillway. */
const PRODUCER = `
import { defaults, getReceipt, postEvent, postReading } from './client.ts'

export async function post (baseUrl: string) {
  defaults.baseUrl = baseUrl
  const stored = await postEvent({ type: 'order-placed', payload: { total: 12.5 }, id: 'order-1' }, { xEventPriority: '1' })
  if (stored.status !== 202) throw new Error(String(stored.status))
  const wrong = await postReading({ values: { temperature: 21.5 } })
  const receipt = await getReceipt(stored.data.id)
  return {
    priority: stored.data.priority,
    fields: wrong.status === 400 ? wrong.data.errors?.map(({ field }) => field) : [],
    known: receipt.status === 200 && receipt.data.status !== 'unknown' ? receipt.data.id : undefined
  }
}
`

t.test('a client that is generated from the document of a service compiles, and posts an event to it', async (t) => {
  const redis = await startRedis(t)
  const { url } = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api' })
  const folder = t.testdir({
    'openapi.json': await (await fetch(`${url}/openapi.json`)).text(),
    'producer.ts': PRODUCER,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, target: 'es2024', lib: ['es2024', 'dom'], module: 'nodenext', types: [],
        allowImportingTsExtensions: true, erasableSyntaxOnly: true, skipLibCheck: true
      }
    })
  })
  writeFileSync(join(folder, 'client.ts'), await generateSource(join(folder, 'openapi.json')))

  // The loaders of the tests are not for the compiler.
  const compiled = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, TSC, '-p', folder], { encoding: 'utf8' })
  t.strictSame([compiled.stdout, compiled.stderr, compiled.status], ['', '', 0])
  const { post } = await import(join(folder, 'producer.ts')) as { post: (url: string) => Promise<unknown> }
  t.strictSame(await post(url), { priority: 1, fields: ['deviceId'], known: 'order-1' })
})
