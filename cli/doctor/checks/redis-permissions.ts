import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { channelPatternOf, keyPatternOf } from '../../../services/queue/keys.ts'
import { OPTIONAL_COMMANDS } from '../../../services/redis/needed-commands.ts'
import { counted } from '../../../services/terminal/counted.ts'
import type { RedisDetails } from '../facts.ts'
import { detailsOf } from '../redis-details.ts'

type Refused = RedisDetails['refused'][number]

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const { optional = [], needed = [] } = Object.groupBy(redis.refused, ({ command }) =>
    Object.hasOwn(OPTIONAL_COMMANDS, command) ? 'optional' : 'needed')
  const findings = [
    ...needed.length === 0 ? [] : [unusable(needed, facts.config.NAMESPACE)],
    ...optional.map((one) => poorer(one, facts.config.NAMESPACE))
  ]
  return findings.length > 0 ? findings : [ok('this user may run every command that Spillway needs')]
}

export default check

function unusable (refused: readonly Refused[], namespace: string): Finding {
  const [{ error: answer }] = refused as [Refused]
  const names = refused.map(({ command }) => command).toSorted()
  const isRight = answer.startsWith('NOPERM')
  // Without a transaction the other commands were not tried.
  const others = names.includes('multi') ? '; doctor tries the others once MULTI is allowed' : ''
  return error(
    `Redis refuses ${counted(names.length, 'needed command')}: ${names.join(', ')}: ${answer}`,
    'Spillway and BullMQ send them, or call them in scripts, so events cannot be stored, processed or read',
    isRight
      ? `ACL SETUSER for this user: ${keyPatternOf(namespace)} ${names.map((name) => `+${name}`).join(' ')}${others}`
      : 'use a Redis that has these commands, or ask its provider to allow them'
  )
}

/** The commands that also need the right to their channels. */
const WITH_CHANNELS = ['publish', 'subscribe']

function poorer ({ command, error: answer }: Refused, namespace: string): Finding {
  const channels = WITH_CHANNELS.includes(command) ? `${channelPatternOf(namespace)} ` : ''
  return warning(
    `Redis refuses ${command}: ${answer}`,
    OPTIONAL_COMMANDS[command] as string,
    `ACL SETUSER for this user: ${channels}+${command}; a hosted Redis shows its settings in the console of the provider`
  )
}
