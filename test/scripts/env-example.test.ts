import t from 'tap'
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { envExample } from '../../scripts/config/env-example.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { ConfigSchema } from '../../services/config/schema.ts'

const ASSIGNMENT = /^# ([A-Z_]+)=/gm

t.test('the committed file is the generated one', async (t) => {
  const committed = await readFile(new URL('../../.env.example', import.meta.url), 'utf8')
  t.equal(committed, envExample(), '.env.example is out of date: regenerate it by `npm run env-example`')
})

t.test('every key is in it once', async (t) => {
  t.strictSame([...envExample().matchAll(ASSIGNMENT)].map(([, key]) => key), Object.keys(ConfigSchema.properties))
})

t.test('nothing in it is in force', async (t) => {
  t.strictSame(parseEnv(envExample()), {})
})

t.test('its lines taken into force are the defaults', async (t) => {
  t.strictSame(loadConfig(parseEnv(envExample().replaceAll(ASSIGNMENT, '$1='))), loadConfig({}))
})
