import { Ajv } from 'ajv'
import type { TSchema } from '@sinclair/typebox'
import { allowedValues } from './allowed-values.ts'
import { bodyBudgetProblems } from './body-budget.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { delayBudgetProblems } from './delay-budget.ts'
import { endpointProblems } from './endpoints.ts'
import { parseEventPriorities } from './event-priorities.ts'
import { jwtProblems } from './jwt.ts'
import { isPresetName, PRESETS } from './presets.ts'
import { credentialHint, isReadableUrl } from './url-credentials.ts'
import { parseNetworks } from '../delivery/networks.ts'
import { isRedisUrl } from '../redis/redis-url.ts'
import { describeGiven, URL_KEYS } from './redaction.ts'
import { redisNodeProblems, urlOfNodes } from './redis-nodes.ts'
import { ConfigSchema, type Config, type Environment } from './schema.ts'
import { withSecretFiles } from './secret-files.ts'
import { parseSpoolClasses } from './spool-classes.ts'
import { withoutSurroundingSpace } from './surrounding-space.ts'
import { byteOrderProblems, thresholdOrderProblems } from './threshold-order.ts'

/** Variables as `process.env` holds them. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

const SCHEMAS: readonly (readonly [string, TSchema])[] = Object.entries(ConfigSchema.properties)

const isValid = new Ajv({ allErrors: true, useDefaults: true, keywords: ['allowed'] }).compile<
  Environment
>(ConfigSchema)

/**
 * Parses the environment: explicit keys, then the preset, then defaults. An empty variable counts as unset.
 *
 * @throws ConfigError that lists every bad key
 */
export function loadConfig (variables: EnvironmentVariables): Config {
  const { environment, problems: fileProblems } = withSecretFiles(variables)
  const given = new Map(SCHEMAS.flatMap(([key]) => {
    const value = withoutSurroundingSpace(key, environment[key] ?? '')
    return value === '' ? [] : [[key, value] as const]
  }))
  const preset = given.get('BACKPRESSURE_PRESET')
  const values: Record<string, unknown> = isPresetName(preset) ? { ...PRESETS[preset] } : {}
  for (const [key, schema] of SCHEMAS) if (given.has(key)) values[key] = decode(given.get(key)!, schema)

  const badKeys = violations(values)
  const { EVENT_PRIORITIES, SPOOL_CLASSES, ...rest } = values as Environment
  const { priorities, problems: priorityProblems } = parseEventPriorities(EVENT_PRIORITIES)
  const { classes, problems: classProblems } = parseSpoolClasses(SPOOL_CLASSES)
  const isExplicit = (key: string) => given.has(key)
  // With an unknown preset, the values of the keys that it sets are unknown.
  const isComparable = (key: string) => !badKeys.has(key) && (isExplicit(key) || !badKeys.has('BACKPRESSURE_PRESET'))
  const problems: ConfigProblem[] = [
    ...SCHEMAS.filter(([key]) => badKeys.has(key))
      .map(([key, schema]) => ({
        key,
        given: describeGiven(key, given.get(key) ?? ''),
        allowed: allowedValues(schema) + (URL_KEYS.has(key) ? credentialHint(given.get(key) ?? '') : '')
      })),
    ...fileProblems,
    ...endpointProblems(rest, (key) => !badKeys.has(key), isExplicit),
    ...networkProblems(rest.OUTBOUND_NETWORKS),
    ...priorityProblems,
    ...classProblems,
    ...bodyBudgetProblems(rest, (key) => !badKeys.has(key)),
    ...delayBudgetProblems(rest, (key) => !badKeys.has(key)),
    ...thresholdOrderProblems(rest, isComparable, isExplicit),
    ...byteOrderProblems(rest),
    ...redisNodeProblems(rest),
    ...jwtProblems(rest, (key) => !badKeys.has(key))
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  const { REDIS_CLUSTER_NODES: nodes } = rest
  return {
    ...nodes !== undefined && { REDIS_URL: urlOfNodes(nodes) }, ...rest,
    EVENT_PRIORITIES: priorities, SPOOL_CLASSES: classes
  }
}

function networkProblems (text: string): ConfigProblem[] {
  const key = 'OUTBOUND_NETWORKS'
  if (parseNetworks(text) !== undefined) return []
  return [{ key, given: describeGiven(key, text), allowed: allowedValues(ConfigSchema.properties[key]) }]
}

/** Leaves odd text as text, which fails the schema. Ajv would accept '0x10', '1e3' and ' 8 ' as integers. */
function decode (text: string, schema: TSchema): unknown {
  if (schema.type === 'integer' && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (schema.type === 'number' && /^\d+(\.\d+)?$/.test(text)) return Number(text)
  if (schema.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

/** Fills in the defaults and returns the keys whose values the schema forbids. */
function violations (values: Record<string, unknown>): Set<string> {
  const bad = new Set(isValid(values) ? [] : isValid.errors?.map((error) => error.instancePath.slice(1)))
  // A pattern would accept http:// and port 99999, which nobody can call.
  for (const key of URL_KEYS) {
    const value = values[key]
    if (value === undefined) continue
    const isUsable = key === 'REDIS_URL' ? isRedisUrl : isReadableUrl
    if (!isUsable(String(value))) bad.add(key)
  }
  return bad
}
