/*
 * A Fastify app with routes, parsers and handlers of its own, and Spillways in it. It tells its parent where it
 * listens, and closes when that asks for it; then it ends, unless something was left open. Without its parent it ends
 * at once.
 */
import { Gauge, register } from '@prometheus-io/client'
import { once } from 'node:events'
import Fastify from 'fastify'
import { pino } from 'pino'
import spillway from '../../app.ts'
import { loadConfig } from '../../services/config/load-config.ts'

const environments = JSON.parse(process.argv[2] as string) as Record<string, Record<string, string>>

const app = Fastify({ logger: false })
new Gauge({ name: 'host_gauge', help: 'A metric of the host' }).set(7)
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, { raw: body }))
app.setErrorHandler((error, _request, reply) => reply.code(418).send(`host: ${(error as Error).message}`))
app.setNotFoundHandler((_request, reply) => reply.code(404).send('host: nothing here'))
app.setValidatorCompiler(() => () => ({ error: new Error('the host validates nothing') }))
app.setSerializerCompiler(() => () => '"serialized by the host"')
app.setReplySerializer((payload) => `host: ${JSON.stringify(payload)}`)
app.decorate('config', 'of the host' as never)
app.get('/', async () => 'host: home')
app.get('/metrics', async () => await register.metrics())
app.get('/fails', async () => { throw new Error('broken') })
app.post('/echo', async ({ body }) => body)

for (const [prefix, env] of Object.entries(environments)) {
  await app.register(spillway, { prefix, config: loadConfig(env), log: pino({ level: 'silent' }) })
}
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.(url)
const leave = () => process.exit(1)
process.once('disconnect', leave)
await once(process, 'message')
await app.close()
process.off('disconnect', leave)
process.disconnect()
