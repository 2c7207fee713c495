import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startApp } from '../../app.ts'
import { listen, runCli } from '../run-cli.ts'

t.test('shows how many workers are needed, and why', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { env: { REDIS_URL: redis.url, ROLE: 'all' } })
  const env = await listen(app)
  const status = async () => (await app.inject('/api/v1/autoscaling')).statusCode
  await eventually('it knows', async () => await status() === 200)

  const shown = await runCli(['workers'], { env })
  t.match(shown, { code: EXIT.ok, out: /^1 worker runs, 1 needed, 1 needed in 60 s\n.*so 1 worker is needed\.\n$/ })
  t.match((await runCli(['workers', '--json'], { env })).json(), {
    workers: { current: 1, needed: 1, neededAtHorizon: 1, horizonSeconds: 60 }, reason: String
  })

  await redis.kill()
  await eventually('it notices', async () => await status() === 503)
  t.match(await runCli(['workers'], { env }), { code: EXIT.failed, out: '', err: /The queue cannot be read/ })
})
