import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { redactedConfig } from '../../../services/config/redaction.ts'
import { FILE_KEYS } from '../../../services/config/secret-files.ts'

const VALUES: Record<(typeof FILE_KEYS)[number], string> = {
  ADMIN_TOKEN: 'a-token-of-the-operators',
  REDIS_URL: 'redis://:hidden-word@127.0.0.1:6379',
  REDIS_SENTINEL_PASSWORD: 'hidden-word',
  DELIVERY_SECRET: 'whsec_cHJvdmUtdGhhdC1ub3RoaW5nLWlzLWxvc3Q='
}

t.test('reads each secret from its file, without the line break at its end', async (t) => {
  const folder = t.testdir()
  for (const key of FILE_KEYS) {
    const path = join(folder, key)
    writeFileSync(path, `${VALUES[key]}\n`)
    const config = loadConfig({ [`${key}_FILE`]: path })
    t.equal(config[key], VALUES[key])
    const shown = JSON.stringify(redactedConfig(config))
    t.ok(shown.includes(path), 'the log of the start shows the path')
    t.notMatch(shown, /hidden-word|of-the-operators|cHJvdmUt/)
  }
})

t.test('names a file that cannot be used, and shows nothing of a text', async (t) => {
  const folder = t.testdir({ empty: '\n', long: 'x'.repeat(70_000), short: 'hidden' })
  const table: [env: Record<string, string>, message: RegExp][] = [
    [{ ADMIN_TOKEN_FILE: join(folder, 'none') }, /ADMIN_TOKEN_FILE: given ".*none", allowed: a file that can be read \(ENOENT/],
    [{ REDIS_URL_FILE: folder }, /REDIS_URL_FILE: .*can be read \(EISDIR/],
    [{ DELIVERY_SECRET_FILE: join(folder, 'empty') }, /DELIVERY_SECRET_FILE: .*not empty/],
    [{ ADMIN_TOKEN_FILE: join(folder, 'long') }, /more than 65536 characters/],
    [{ ADMIN_TOKEN_FILE: join(folder, 'short'), ADMIN_TOKEN: VALUES.ADMIN_TOKEN }, /only one of ADMIN_TOKEN and ADMIN_TOKEN_FILE/],
    [{ ADMIN_TOKEN_FILE: join(folder, 'short') }, /ADMIN_TOKEN: given 6 characters/]
  ]
  for (const [env, message] of table) {
    try {
      loadConfig(env)
      t.fail(String(message))
    } catch (error) {
      t.match((error as Error).message, message)
      t.notMatch((error as Error).message, /hidden/)
    }
  }
})
