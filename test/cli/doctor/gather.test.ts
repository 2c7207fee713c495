/* The facts that doctor finds outside of the environment: files, names, Redis. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { gatherSecretFiles } from '../../../cli/doctor/gather/secret-files.ts'
import { gatherTargets } from '../../../cli/doctor/gather/targets.ts'
import type { NamedFinding } from '../../../cli/doctor/report.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import { refusedUrl } from '../../../rig/consumer.ts'
import { startRedis } from '../../../rig/redis.ts'
import { runCli } from '../run-cli.ts'

t.test('a target may be allowed, refused or unknown, and a wrong file has no targets', async (t) => {
  const rules = (url: string) => JSON.stringify({ rules: [{ id: 'a', when: true, actions: [{ webhook: { url } }] }] })
  const folder = t.testdir({ rules: rules('http://localhost/hook'), wrong: '{"rules":[{}]}', far: rules('http://169.254.169.254/') })
  const targetsOf = async (env: Record<string, string>) => {
    const { problem, targets, rulesFile } = await gatherTargets(loadConfig(env))
    return [problem ?? targets.map(({ key, host, state }) => `${key} ${host} ${state}`).join(), rulesFile?.problems.length]
  }
  t.strictSame(await targetsOf({}), ['', undefined])
  t.strictSame(await targetsOf({ DELIVERY_URL: 'http://localhost/' }), ['DELIVERY_URL localhost allowed', undefined])
  t.strictSame(
    await targetsOf({ DELIVERY_URL: 'http://localhost/', OUTBOUND_NETWORKS: 'public' }),
    ['DELIVERY_URL localhost refused', undefined]
  )
  t.strictSame(await targetsOf({ DELIVERY_URL: 'http://169.254.169.254/' }), ['DELIVERY_URL 169.254.169.254 invalid', undefined])
  t.strictSame(await targetsOf({ DELIVERY_URL: 'http://none.invalid/' }), ['DELIVERY_URL none.invalid unknown', undefined])
  t.strictSame(await targetsOf({ RULES_FILE: join(folder, 'rules') }), ['RULES_FILE localhost allowed', 0])
  t.strictSame(
    await targetsOf({ RULES_FILE: join(folder, 'rules'), OUTBOUND_NETWORKS: 'public' }), ['RULES_FILE localhost refused', 0]
  )
  t.strictSame(await targetsOf({ RULES_FILE: join(folder, 'far') }), ['', 1])
  t.strictSame(await targetsOf({ RULES_FILE: join(folder, 'none') }), ['', 1])
  t.ok(Number((await targetsOf({ RULES_FILE: join(folder, 'wrong') }))[1]) > 1)
  t.match((await targetsOf({ DELIVERY_URL: 'http://localhost/', DELIVERY_CA_FILE: join(folder, 'none') }))[0], /DELIVERY_CA_FILE/)
})

t.test('the rights of files with secrets', async (t) => {
  const path = join(t.testdir({ secret: 'a secret of some length' }), 'secret')
  const rightsOf = async (mode: number) => {
    chmodSync(path, mode)
    const [file] = await gatherSecretFiles(loadConfig({ ADMIN_TOKEN_FILE: path, API_KEYS_FILE: `${path}-none` }))
    return [file?.key, file?.isReadable, file?.isWritable]
  }
  t.strictSame(await rightsOf(0o600), ['ADMIN_TOKEN_FILE', false, false])
  t.strictSame(await rightsOf(0o640), ['ADMIN_TOKEN_FILE', false, false], 'a group may share it')
  t.strictSame(await rightsOf(0o644), ['ADMIN_TOKEN_FILE', true, false])
  t.strictSame(await rightsOf(0o660), ['ADMIN_TOKEN_FILE', false, true])
})

t.test('an environment with which a service would refuse to start is an error of doctor', async (t) => {
  const redis = await startRedis(t)
  const keys = join(redis.folder, 'keys.json')
  writeFileSync(keys, 'no JSON', { mode: 0o644 })
  chmodSync(keys, 0o644)
  const SPILLWAY_URL = new URL(await refusedUrl()).origin
  const found = async (more: Record<string, string>) => {
    const env = { SPILLWAY_URL, PATH: process.env.PATH as string, REDIS_URL: redis.url, DATA_DIR: redis.folder, ...more }
    const { code, json } = await runCli(['doctor', '--json'], { env })
    t.equal(code, EXIT.failed)
    const { findings } = json() as unknown as { findings: NamedFinding[] }
    return findings.filter(({ severity }) => severity !== 'ok').map(({ check, severity }) => `${check} ${severity}`)
  }
  t.ok((await found({ HOST: '0.0.0.0' })).includes('keys error'))
  const withFile = await found({ API_KEYS_FILE: keys })
  t.ok(withFile.includes('keys error') && withFile.includes('secret-files warning'), withFile.join())
  t.ok((await found({ API_KEYS_FILE: `${keys}-none` })).includes('keys error'))
  t.ok((await found({ DELIVERY_URL: 'http://localhost/', OUTBOUND_NETWORKS: 'public' })).includes('outbound error'))
  const REDIS_URL = redis.url.replace('redis:', 'rediss:')
  t.ok((await found({ REDIS_URL, REDIS_CA_FILE: `${keys}-none` })).includes('redis-reachable error'))
})
